/** Every failure in English: what happened, what to do. Jargon stays under Details. */
import type { AuthorityFailure, CertificateFileProblem, CertificateUnfitReason, PinRule, PolicyProblem } from '../../core/failures.ts';
import { libraryName, holderKind, type FailureTexts, type FailureWords } from './failures.ts';

const attempts = (count: number): string => (count === 1 ? 'One attempt is left.' : `${count} attempts are left.`);

const pinRules: Record<Exclude<PinRule, 'too-short'>, string> = {
  'too-long': 'It can have at most 8 characters.',
  'factory-value': 'It is the factory value, which everybody knows.',
  'not-digits': 'Only digits are taken.',
  'too-simple': 'It is too easy to guess.',
};

const policyProblems: Record<PolicyProblem, string> = {
  'pin-never-on-fips': 'A FIPS key does not make secrets that work without a PIN.',
  'touch-cached-too-old': 'This firmware cannot remember a touch.',
};

/** Who keeps the key, and what makes them let go. */
function busy(holder: string | undefined): FailureWords {
  switch (holderKind(holder)) {
    case 'unknown':
      return { what: 'Another program is using the key.', todo: 'Close other programs that use the key.' };
    case 'gnupg':
      return { what: `GnuPG is using the key (${holder}).`, todo: 'It lets the key go when it is asked, and comes back when it is needed.' };
    case 'browser':
      return { what: `A browser is using the key (${holder}).`, todo: 'Close the pages that opened with the key, or the whole browser.' };
    case 'other':
      return { what: `The program ${holder} is using the key.`, todo: `Close ${holder}, or wait until it is done.` };
  }
}

const certificateFiles: Record<CertificateFileProblem, FailureWords> = {
  empty: { what: 'There is no certificate in this file.', todo: 'Open the certificate that your CA made.' },
  unreadable: { what: 'This file is no certificate that can be read.', todo: 'Open the certificate as your CA wrote it: a file that ends in .crt, .cer or .p7b.' },
  'too-large': { what: 'This file is too large for a certificate.', todo: 'Open the certificate that your CA made.' },
  request: { what: 'This file is the request, not the certificate.', todo: 'Sign it with your CA first. Then open what comes out.' },
  'private-key': { what: 'This file is a private key, not a certificate.', todo: 'Keep it safe, and open the certificate.' },
  pkcs12: { what: 'This file carries a private key of its own.', todo: 'Sign the request with your CA, and open the certificate made of it.' },
  'other-key': { what: 'The certificate in this file is for another key.', todo: 'Sign the request of this key, and open the certificate made of it.' },
  'only-authorities': { what: 'There are only certificates of CAs in this file.', todo: 'Open the certificate that your CA made.' },
  'no-authority': { what: 'This file does not hold the certificate of a CA.', todo: 'Choose the certificate of your CA, such as ca.crt.' },
};

const unfit: Record<CertificateUnfitReason, string> = {
  unreadable: 'The certificate from the CA cannot be read.',
  'public-key': 'The certificate belongs to another key.',
  chain: 'The certificate was not signed by your CA.',
  'not-yet-valid': 'The certificate is not valid yet. The clock of this computer may be wrong.',
  expired: 'The certificate has already expired. The clock of this computer may be wrong.',
  'client-auth': 'The certificate is not made for signing in to sites.',
  'read-back': 'The key gave back another certificate than was written.',
};

const invitationFields: Record<Extract<AuthorityFailure, { kind: 'invitation-refused' }>['field'], string> = {
  name: 'the name',
  email: 'the e-mail address',
  role: 'the role',
  profile: 'the kind of certificate',
  days: 'how long it lasts',
  uses: 'how many keys it is for',
  isAutomatic: 'that nobody looks at the request',
};

const tellOperator = 'Tell the people who run your CA, and give them the details below.';
const otherModule = 'If it stays so, choose another library in Settings.';
const replug = 'Pull the key out, plug it in again and try once more.';

export const failuresEn: FailureTexts = {
  'smart-card-service-missing': () => ({
    what: 'The smart card service of this computer is not running.',
    todo: 'Start it, or install it if it is missing. On Linux it is called pcscd.',
  }),
  'smart-card-access-denied': () => ({
    what: 'You are not allowed to use security keys on this computer.',
    todo: 'Sign in at the computer itself, or ask whoever looks after it to allow smart card access.',
  }),
  'device-process-ended': () => ({
    what: 'The part of the app that talks to keys has ended.',
    todo: 'Start it again. Nothing on your key is lost.',
  }),
  'security-key-removed': () => ({ what: 'The key was pulled out.', todo: 'Plug it in again. What is done stays done.' }),
  'security-key-busy': ({ holder }) => busy(holder),
  'security-key-unresponsive': () => ({ what: 'The key does not answer.', todo: replug }),
  'not-a-piv-key': () => ({
    what: 'This is not a key that can hold certificates.',
    todo: 'Use a YubiKey 4 or 5. The blue Security Key series cannot do it.',
  }),
  'card-error': () => ({ what: 'The key refused a command, and gave no reason we know.', todo: replug }),
  'pin-wrong': ({ attemptsLeft }) => ({
    what: `The PIN is wrong. ${attempts(attemptsLeft)}`,
    todo: attemptsLeft === 1 ? 'This is the last attempt. If it is wrong, the PIN is blocked.' : 'Enter it again, slowly. At zero the PIN is blocked.',
  }),
  'pin-blocked': () => ({ what: 'The PIN is blocked. It was entered wrongly too often.', todo: 'Your PUK sets a new one. Nothing is lost.' }),
  'puk-wrong': ({ attemptsLeft }) => ({
    what: `The PUK is wrong. ${attempts(attemptsLeft)}`,
    todo: attemptsLeft === 1 ? 'This is the last attempt. If it is wrong, the PUK is blocked.' : 'Look it up on the sheet where it was written down.',
  }),
  'puk-blocked': () => ({ what: 'The PUK is blocked. It was entered wrongly too often.', todo: 'If the PIN still works, set the attempts anew. Otherwise the key must be reset.' }),
  'pin-invalid': ({ which, rule, minLength }) => ({ what: `This ${which} cannot be used.`, todo: rule === 'too-short' ? `It needs at least ${minLength ?? 6} characters.` : pinRules[rule] }),
  'management-key-unknown': () => ({
    what: 'The settings of this key are locked with a code that the app does not have.',
    todo: 'Type the code if you have it, or ask whoever set up the key.',
  }),
  'printed-object-in-use': () => ({
    what: 'Another program stores something where the app would keep its lock.',
    todo: 'It is not overwritten. Ask whoever set up the key.',
  }),
  'management-key-malformed': ({ digits }) => ({ what: 'This cannot be the code of this key.', todo: `It has ${digits} characters, 0 to 9 and a to f.` }),
  'attempts-invalid': () => ({ what: 'The key does not take this number of attempts.', todo: 'Choose a number from 1 to 255.' }),
  'serial-mismatch': () => ({ what: 'What was typed is not the serial of this key.', todo: 'Nothing was changed. Compare it with the serial on the screen.' }),
  'move-unsupported': ({ firmware }) => ({ what: 'This key cannot move a secret aside.', todo: `That needs firmware 5.7, and it has ${firmware}. Replace the old secret instead.` }),
  'no-retired-slot-free': () => ({ what: 'All twenty places for old secrets are taken.', todo: 'Replace the old secret instead of keeping it.' }),
  'policy-refused': ({ problem }) => ({ what: policyProblems[problem], todo: 'Choose another under More options.' }),
  'fips-not-ready': () => ({ what: 'A FIPS key makes no secrets before PIN, PUK and settings lock are your own.', todo: 'Set all three, and try again.' }),
  'holder-not-releasable': ({ holder }) => ({
    what: holder === undefined ? 'The program that uses the key could not be asked.' : `${holder} cannot be asked to let the key go.`,
    todo: 'Close it yourself. Then it goes on here.',
  }),
  'touch-timeout': () => ({ what: 'The key was not touched in time.', todo: 'Try again, and touch the key when its light blinks.' }),
  'key-type-unsupported': ({ keyType, firmware }) => ({ what: `A key with firmware ${firmware} cannot make ${keyType}.`, todo: 'Choose another kind of secret under More options.' }),
  'slot-empty': () => ({ what: 'There is no secret on the key yet.', todo: 'Enroll the key first.' }),
  'attestation-unavailable': () => ({
    what: 'The key cannot prove that its secret was made on it.',
    todo: 'Let the app make a new secret. A secret that was copied onto a key has no proof.',
  }),
  'certificate-unfit': ({ reason }) => ({ what: unfit[reason], todo: `It was not put to use. ${tellOperator}` }),
  'module-failed': ({ module }) => ({ what: `The program library ${libraryName(module)} reported an error.`, todo: `Pull the key out and plug it in again. ${otherModule}` }),
  'module-crashed': ({ module }) => ({ what: `The program library ${libraryName(module)} has crashed.`, todo: `The app itself and your key are fine. ${otherModule}` }),
  'proof-failed': ({ reason }) => ({
    what:
      reason === 'signature'
        ? 'The key signed a test, but the signature is wrong.'
        : reason === 'certificate-not-found'
          ? 'The certificate is on the key, but browsers would not find it.'
          : 'The secret is on the key, but browsers would not find it.',
    todo: replug,
  }),

  'invitation-unreadable': ({ reason }) => ({
    what: reason === 'not-a-link' ? 'This is not an invitation.' : 'The invitation is damaged.',
    todo: 'Copy the whole link again. It begins with latchkey:// and has no spaces.',
  }),
  'authority-address-invalid': () => ({ what: 'This is not an address of a CA.', todo: 'An address looks like https://ca.example.org or https://ca.example.org:8443.' }),
  'authority-unreachable': ({ address }) => ({ what: `The CA at ${address} does not answer.`, todo: 'Check your network. If it works, the CA may be off for a while.' }),
  'authority-fingerprint-mismatch': ({ address }) => ({
    what: `The CA at ${address} is not the one you were told.`,
    todo: 'Do not go on. Somebody may be in between. Ask for a new invitation in person.',
  }),
  'authority-untrusted': ({ address }) => ({
    what: `The server at ${address} cannot show that it belongs to your CA.`,
    todo: 'Do not go on here. Try another network, or ask the people who run the CA.',
  }),
  'authority-protocol': ({ address }) => ({ what: `The server at ${address} does not answer like a CA.`, todo: 'Check the address. It may lead to another service.' }),
  'authority-locked': () => ({ what: 'The CA is running, but cannot sign yet.', todo: 'Its operator has to unlock it. Try again later.' }),
  'invitation-unknown': () => ({ what: 'The CA does not know this invitation.', todo: 'Ask for a new one.' }),
  'invitation-expired': () => ({ what: 'This invitation has expired.', todo: 'Ask for a new one.' }),
  'invitation-used': () => ({ what: 'This invitation was used already.', todo: 'Each invitation is good for one key. Ask for a new one.' }),
  'csr-unreadable': () => ({ what: 'The CA could not read the request.', todo: tellOperator }),
  'csr-signature-invalid': () => ({ what: 'The signature of the request is not right.', todo: replug }),
  'csr-key-refused': ({ keyType }) => ({ what: `The CA does not take secrets of the kind ${keyType}.`, todo: 'Choose another kind of secret under More options.' }),
  'csr-name-refused': ({ field }) => ({ what: `The CA does not accept what is in the field “${field}”.`, todo: 'Change it and try again.' }),
  'attestation-refused': ({ problem }) => ({
    what: problem === 'missing' ? 'The CA wants proof that the key is genuine, and there is none.' : 'The CA does not believe the proof that this key is genuine.',
    todo: tellOperator,
  }),
  'request-malformed': () => ({ what: 'The CA did not understand the app.', todo: 'One of them may be out of date. Look for an update.' }),
  'request-too-large': () => ({ what: 'The request is too large for the CA.', todo: 'Use shorter names, or ask the people who run the CA.' }),
  'request-unknown': () => ({ what: 'The CA does not know this request.', todo: 'It may have been cleared away. Hand in a new one.' }),
  'request-denied': ({ reason }) => ({ what: 'Your request was denied.', todo: reason === '' ? 'Talk to your approver.' : `The approver wrote: ${reason}` }),
  'request-already-decided': () => ({ what: 'Somebody else has decided this request already.', todo: 'The list shows how.' }),
  'not-signed-in': () => ({ what: 'Your sign-in has ended.', todo: 'Sign in again with your key.' }),
  'not-an-approver': () => ({ what: 'This key belongs to a person who is not an approver.', todo: 'Use the key of an approver, or ask for an invitation as one.' }),
  'sign-in-rejected': ({ reason }) => {
    switch (reason) {
      case 'expired':
        return { what: 'The certificate on this key has expired.', todo: 'Enroll the key again.' };
      case 'revoked':
        return { what: 'The certificate on this key was revoked.', todo: 'Ask the people who run the CA.' };
      case 'certificate':
        return { what: 'The certificate on this key is not from this CA.', todo: 'Use the key that you enrolled here.' };
      case 'challenge':
        return { what: 'Signing in took too long.', todo: 'Try again.' };
      case 'signature':
        return { what: 'The CA did not accept the signature of the key.', todo: 'Try again. If it stays so, enroll the key anew.' };
    }
  },
  'not-allowed': ({ wanted }) => ({ what: 'Your role at this CA does not let you do this.', todo: wanted === 'owner' ? 'Ask an owner of the CA.' : 'Ask an approver or an owner of the CA.' }),
  'own-request': () => ({ what: 'This request is your own.', todo: 'Ask another approver to look at it.' }),
  'already-approved-by-you': () => ({ what: 'You have approved this request already.', todo: 'It takes one more person. Ask another approver.' }),
  'statement-refused': ({ problem }) =>
    problem === 'time'
      ? { what: 'The CA did not accept your decision, because the clocks differ.', todo: 'Set the clock of this computer right and decide again.' }
      : { what: 'The CA did not accept your signed decision.', todo: 'Look at the request again and decide once more. If it stays so, sign in anew.' },
  'certificate-unknown': () => ({ what: 'The CA does not know this certificate.', todo: 'Look for it in the list again.' }),
  'certificate-revoked': () => ({ what: 'This certificate is revoked for good.', todo: 'Its holder can enroll again and get a new one.' }),
  'certificate-not-held': () => ({ what: 'This certificate is not on hold.', todo: 'Nothing has to be done. The list shows how it stands.' }),
  'last-owner': () => ({ what: 'This is the last owner of the CA.', todo: 'Make somebody else an owner first.' }),
  'invitation-refused': ({ field }) => ({ what: `The CA does not allow this invitation: ${invitationFields[field]}.`, todo: 'Change it and try again.' }),
  'invitation-ended': () => ({ what: 'This invitation was taken back.', todo: 'Ask for a new one.' }),
  'renewal-refused': ({ reason }) => ({
    what: reason === 'challenge' || reason === 'signature' ? 'The old key could not prove itself to the CA.' : 'The certificate on this key cannot be renewed any more.',
    todo: reason === 'challenge' || reason === 'signature' ? 'Try again.' : 'An approver has to look at your request.',
  }),
  'policy-violated': ({ rule, detail }) => ({ what: `The rules of the CA do not allow this: ${detail}.`, todo: `Change it, or ask the people who run the CA. The rule is called “${rule}”.` }),
  'profile-unknown': ({ profile }) => ({ what: `The CA has no kind of certificate called “${profile}”.`, todo: 'Ask the people who run the CA.' }),
  'certificate-lint-failed': ({ problems }) => ({ what: 'The CA did not sign, because the certificate would break a rule.', todo: `Tell the people who run the CA: ${problems.join('; ')}` }),
  'signature-refused': () => ({ what: 'The CA did not accept this signature.', todo: 'Use the key that belongs to this CA.' }),
  'certificate-file-refused': ({ problem }) => certificateFiles[problem],
  'est-sign-in-refused': ({ wasGiven }) => (wasGiven ? { what: 'The server of the CA does not take this user name and password.', todo: 'Check both and try again.' } : { what: 'The server of the CA wants a user name and a password.', todo: 'Name the CA again, and enter both.' }),
  'est-refused': ({ answer }) => ({ what: answer === '' ? 'The server of the CA refused the request.' : `The server of the CA refused the request: ${answer}.`, todo: 'Ask the people who run it.' }),
  'authority-cannot': () => ({ what: 'This CA cannot do that from here.', todo: 'Ask the people who run it.' }),
  'too-many-requests': ({ retryAfterSeconds }) => ({ what: 'The CA has too much to do right now.', todo: `Try again in ${retryAfterSeconds} seconds.` }),

  'audit-broken': ({ sequence }) => ({ what: `The audit log does not hold from line ${sequence} on.`, todo: 'Somebody changed it, or the disk did. Compare it with an export or a backup.' }),
  'backup-unreadable': ({ path }) => ({ what: `${path} is no whole backup.`, todo: 'Take another one. Nothing was restored.' }),
  'command-failed': ({ command }) => ({ what: `“${command}” did not work.`, todo: 'See the details, and run it by hand.' }),
  'policy-invalid': ({ path, problems }) => ({ what: `${path} has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}.`, todo: 'Mend it; “latchkey ca policy check” names each place.' }),
  'store-unreachable': ({ address }) => ({ what: `The database ${address} does not answer.`, todo: 'Check that it runs, its address and your password.' }),
  'store-not-empty': ({ address }) => ({ what: `There is something in ${address} already.`, todo: 'Take an empty database. Nothing was changed.' }),
  'store-newer': () => ({ what: 'The database was made by a later version of Latchkey.', todo: 'Use that version. Nothing was changed.' }),
  'passphrase-wrong': () => ({ what: 'The passphrase of the CA is wrong.', todo: 'Enter it again.' }),
  'authority-folder-exists': ({ path }) => ({ what: `There is a CA in ${path} already.`, todo: 'Choose another folder.' }),
  'authority-folder-missing': ({ path }) => ({ what: `There is no CA in ${path}.`, todo: 'Choose another folder, or make a CA there.' }),
  'authority-certificate-unfit': () => ({ what: 'This certificate cannot be the one of a CA.', todo: 'Choose the certificate and the key file of your CA.' }),
  'address-in-use': ({ address }) => ({ what: `Another program uses the address ${address}.`, todo: 'End it, or choose another port.' }),
  'chain-broken': ({ missingIssuer }) => ({ what: `The certificate of ${missingIssuer} is missing in the chain of the CA.`, todo: 'Add it to the file of the CA’s certificate.' }),
  'signatures-missing': () => ({ what: 'The server of the CA waits for signatures of the person who holds its key.', todo: 'Sign what waits, and start it again.' }),
  'token-key-unusable': () => ({ what: 'The key of the CA on its token cannot be used.', todo: 'Check that the token is plugged in, and its PIN.' }),
  'crl-unusable': () => ({ what: 'The list of revoked certificates cannot be used.', todo: 'Check the address of the CA, and that its server runs.' }),
  'file-unwritable': ({ path }) => ({ what: `Nothing could be saved to ${path}.`, todo: 'Choose another place, or make room there.' }),
  'file-unreadable': ({ path }) => ({ what: `The file ${path} cannot be read.`, todo: 'Check that it exists and that you may read it.' }),

  unexpected: ({ id }) => ({ what: 'Something went wrong inside the app.', todo: `Try again. If you report it, give the number ${id}.` }),
};
