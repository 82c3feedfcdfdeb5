/** What lies between us and a CA, and what a CA refuses, in English. */
import type { AttestationProblem, AuthorityFailure, CertificateFileProblem } from '../../core/failures.ts';
import type { Wording, WordingTable } from './wording.ts';

type ReasonOf<Kind extends AuthorityFailure['kind']> = Extract<AuthorityFailure, { readonly kind: Kind; readonly reason: string }>['reason'];

const UNREADABLE: Readonly<Record<ReasonOf<'invitation-unreadable'>, string>> = {
  'not-a-link': 'it does not start with latchkey://enroll',
  address: 'the address of the CA is missing or damaged',
  fingerprint: 'the fingerprint of the CA is missing or damaged',
  code: 'the one-time code is missing or damaged',
};

const ATTESTATION: Readonly<Record<AttestationProblem, string>> = {
  missing: 'there is none',
  unreadable: 'it cannot be read',
  signature: 'a signature in it is wrong',
  'other-key': 'it is about another key pair',
  'unknown-issuer': 'its issuer is not known to the CA',
};

const SIGN_IN: Readonly<Record<ReasonOf<'sign-in-rejected'>, string>> = {
  challenge: 'it took too long',
  signature: 'the signature is wrong',
  certificate: 'the certificate is not one of this CA',
  expired: 'the certificate has expired',
  revoked: 'the certificate was revoked',
};

type RefusedField = Extract<AuthorityFailure, { readonly kind: 'invitation-refused' }>['field'];
const FIELDS: Readonly<Record<RefusedField, string>> = {
  name: 'the name',
  email: 'the e-mail address',
  role: 'the role',
  profile: 'the profile',
  days: 'how long it can be used',
  uses: 'how many keys it is for',
  isAutomatic: 'that it is automatic',
};

const STATEMENT: Readonly<Record<Extract<AuthorityFailure, { readonly kind: 'statement-refused' }>['problem'], string>> = {
  unreadable: 'it cannot be read',
  signature: 'its signature is wrong',
  'other-certificate': 'another certificate than the one that signed in has signed it',
  'other-authority': 'it is for another CA',
  'other-request': 'it is about another CSR than the one that waits',
  time: 'the clocks of this computer and of the CA differ',
  used: 'it was handed in before',
};

const ANOTHER_FILE = 'Open the certificate that your CA made of the CSR.';
const CERTIFICATE_FILE: Readonly<Record<CertificateFileProblem, Wording>> = {
  empty: { happened: 'There is no certificate in the file.', toDo: ANOTHER_FILE },
  unreadable: { happened: 'The file is no certificate that can be read.', toDo: 'PEM, DER and PKCS#7 (.p7b) can be opened.' },
  'too-large': { happened: 'The file is too large for a certificate.', toDo: ANOTHER_FILE },
  request: { happened: 'The file is the CSR, not the certificate.', toDo: 'Sign it with your CA first, then open what comes out.' },
  'private-key': { happened: 'The file is a private key, not a certificate.', toDo: 'Keep it safe, and open the certificate.' },
  pkcs12: { happened: 'The file is a PKCS#12 file, which carries a private key. The key pair here never leaves the security key.', toDo: 'Sign the CSR with your CA, and open the certificate.' },
  'other-key': { happened: 'The certificate in the file is for another key pair.', toDo: 'Sign the CSR of this key, and open the certificate made of it.' },
  'only-authorities': { happened: 'The file holds only certificates of CAs.', toDo: ANOTHER_FILE },
  'no-authority': { happened: 'The file does not hold the certificate of a CA.', toDo: 'Name the certificate of the CA that will sign, such as ca.crt.' },
};

const NEW_INVITATION = 'Ask an approver for a new invitation.';

export const AUTHORITY_WORDS: WordingTable<AuthorityFailure> = {
  'invitation-unreadable': ({ reason }) => ({ happened: `This is not a whole invitation: ${UNREADABLE[reason]}.`, toDo: 'Copy the link again, whole and in quotes.' }),
  'authority-address-invalid': () => ({ happened: 'This is not the address of a CA.', toDo: 'It looks like https://ca.example.org:8443' }),
  'authority-unreachable': ({ address, detail }) => ({ happened: `The CA at ${address} does not answer.`, toDo: 'Check the network and try again; what is done stays done.', details: detail }),
  'authority-fingerprint-mismatch': ({ address, expected, actual }) => ({
    happened: `The CA at ${address} is not the one of the invitation.`,
    toDo: 'Do not go on. Tell your administrator.',
    details: `expected ${expected}, found ${actual}`,
  }),
  'authority-untrusted': ({ address, detail }) => ({ happened: `What answers at ${address} is not the CA that this computer trusts.`, toDo: 'Do not go on. Tell your administrator.', details: detail }),
  'authority-protocol': ({ address, detail }) => ({ happened: `What answers at ${address} does not answer like a CA.`, toDo: 'Check the address, and whether it is for --ca (Latchkey) or --est.', details: detail }),
  'authority-locked': () => ({ happened: 'The CA is running, but its key is locked.', toDo: 'Tell its operator to unlock it, then try again.' }),
  'invitation-unknown': () => ({ happened: 'The CA does not know this invitation.', toDo: NEW_INVITATION }),
  'invitation-expired': () => ({ happened: 'This invitation has expired.', toDo: NEW_INVITATION }),
  'invitation-used': () => ({ happened: 'This invitation was used already.', toDo: NEW_INVITATION }),
  'csr-unreadable': ({ detail }) => ({ happened: 'The CA could not read the request.', toDo: 'Please report this.', details: detail }),
  'csr-signature-invalid': () => ({ happened: 'The signature of the request is wrong.', toDo: 'Please report this.' }),
  'csr-key-refused': ({ keyType }) => ({ happened: `The CA does not accept keys of the type ${keyType}.`, toDo: 'Choose another one with --key-type, such as ECCP256.' }),
  'csr-name-refused': ({ field }) => ({ happened: `The CA does not accept the ${field} of the request.`, toDo: 'Correct it and try again.' }),
  'attestation-refused': ({ problem, issuer }) => ({
    happened: `The CA does not believe the security key's proof of being genuine: ${ATTESTATION[problem]}.`,
    toDo: issuer === undefined ? 'Use another key, or ask the administrator.' : 'Ask the operator of the CA to add this issuer.',
    details: issuer,
  }),
  'request-malformed': ({ detail }) => ({ happened: 'The CA did not understand the request.', toDo: 'Check that both sides are of the same version.', details: detail }),
  'request-too-large': ({ limitBytes }) => ({ happened: `The request is larger than the CA accepts (${limitBytes} bytes).`, toDo: 'Please report this.' }),
  'request-unknown': () => ({ happened: 'The CA knows no such request.', toDo: 'See what there is: latchkey queue list' }),
  'request-denied': ({ reason }) => ({ happened: `The approver denied the request: ${reason}`, toDo: 'Speak with the approver. The next latchkey enroll makes a new request.' }),
  'request-already-decided': ({ status }) => ({ happened: `This request was decided already: ${status}.`, toDo: 'See it with: latchkey queue list' }),
  'not-signed-in': () => ({ happened: 'The sign-in has ended.', toDo: 'Repeat the command.' }),
  'not-an-approver': () => ({ happened: 'The certificate on this key is not one of an approver.', toDo: 'Use the key of an approver (--serial N).' }),
  'sign-in-rejected': ({ reason }) => ({ happened: `The CA did not accept the sign-in: ${SIGN_IN[reason]}.`, toDo: 'Try again, or use the key of an approver (--serial N).' }),
  'not-allowed': ({ wanted }) => ({ happened: `This takes the role ${wanted} or a higher one.`, toDo: 'Use the key of somebody who has it (--serial N).' }),
  'own-request': () => ({ happened: 'Nobody approves their own request.', toDo: 'Ask another approver.' }),
  'already-approved-by-you': () => ({ happened: 'You have approved this request already.', toDo: 'Another person has to approve it too.' }),
  'statement-refused': ({ problem }) => ({ happened: `The CA did not accept the signed decision: ${STATEMENT[problem]}.`, toDo: 'Look at it and decide again.' }),
  'certificate-unknown': () => ({ happened: 'The CA knows no such certificate.', toDo: 'See what there is: latchkey queue certificates' }),
  'certificate-revoked': () => ({ happened: 'The certificate is revoked for good.', toDo: 'Its holder can enroll again.' }),
  'certificate-not-held': () => ({ happened: 'The certificate is not on hold.', toDo: 'See it with: latchkey queue certificates' }),
  'last-owner': () => ({ happened: 'This is the certificate of the last owner.', toDo: 'Make somebody else an owner first: latchkey queue set-role' }),
  'invitation-refused': ({ field }) => ({ happened: `The policy of the CA does not allow the invitation: ${FIELDS[field]}.`, toDo: 'Correct it and try again.' }),
  'invitation-ended': () => ({ happened: 'This invitation was taken back.', toDo: NEW_INVITATION }),
  'renewal-refused': ({ reason }) => ({ happened: `The certificate cannot be renewed with its key: ${SIGN_IN[reason]}.`, toDo: 'Enroll again; an approver will look at it.' }),
  'policy-violated': ({ profile, rule, detail }) => ({ happened: `The policy of the CA does not allow it: ${detail}.`, toDo: 'Correct it, or ask the operator of the CA.', details: `profile ${profile}, rule ${rule}` }),
  'profile-unknown': ({ profile }) => ({ happened: `The CA has no profile named ${profile}.`, toDo: 'Ask the operator of the CA.' }),
  'certificate-lint-failed': ({ problems }) => ({ happened: 'The CA did not sign: the certificate would break a rule.', toDo: 'Tell the operator of the CA.', details: problems.join('; ') }),
  'signature-refused': () => ({ happened: 'The signature is not one of the CA’s key.', toDo: 'Use the key that belongs to the CA (--serial N).' }),
  'certificate-file-refused': ({ problem }) => CERTIFICATE_FILE[problem],
  'est-sign-in-refused': ({ address, wasGiven }) =>
    wasGiven
      ? { happened: `The EST server at ${address} does not take this user name and password.`, toDo: 'Check both, or ask the people who run it.' }
      : { happened: `The EST server at ${address} wants a user name and a password.`, toDo: 'Give --est-user NAME; the password is asked for, or comes with --est-password-file FILE.' },
  'est-refused': ({ address, status, answer }) => ({ happened: `The EST server at ${address} refused the request${answer === '' ? '' : `: ${answer}`}.`, toDo: 'Ask the people who run it.', details: `HTTP status ${status}` }),
  'authority-cannot': ({ what }) => ({ happened: `This CA cannot do that from here: ${what}.`, toDo: 'Ask its operator.' }),
  'too-many-requests': ({ retryAfterSeconds }) => ({ happened: 'The CA asks for a pause.', toDo: `Try again in ${retryAfterSeconds} seconds.` }),
};
