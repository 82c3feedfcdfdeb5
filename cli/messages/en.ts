/** What a failure is called in English. Every kind has its words in exactly one of the tables below. */
import type { Failure, OperatorFailure, UnexpectedFailure } from '../../core/failures.ts';
import type { AnyFailure, CommandFailure } from '../failures.ts';
import { AUTHORITY_WORDS } from './authority.en.ts';
import { SECURITY_KEY_WORDS } from './security-key.en.ts';
import type { Wording, WordingTable } from './wording.ts';

const OPERATOR_WORDS: WordingTable<OperatorFailure | UnexpectedFailure> = {
  'passphrase-wrong': () => ({ happened: 'The passphrase does not open the CA key.', toDo: 'Check it and try again.' }),
  'authority-folder-exists': ({ path }) => ({ happened: `${path} already holds a CA.`, toDo: 'Choose another folder with --dir, or use this CA with: latchkey ca serve --dir ' + path }),
  'authority-folder-missing': ({ path }) => ({ happened: `${path} holds no CA.`, toDo: `Make one with: latchkey ca init --dir ${path} --name NAME` }),
  'authority-certificate-unfit': ({ reason }) => ({ happened: UNFIT_AUTHORITY[reason], toDo: 'Give a current CA certificate and its own key.' }),
  'address-in-use': ({ address }) => ({ happened: `Another program listens on ${address} already.`, toDo: 'End it, or choose another port with --listen.' }),
  'chain-broken': ({ missingIssuer }) => ({ happened: `The chain of the CA ends without the certificate of ${missingIssuer}.`, toDo: 'Put it into the same file, behind the CA’s own certificate.' }),
  'signatures-missing': ({ count }) => ({
    happened: `An approver holds the key of this CA, and ${count === 1 ? 'one signature is' : `${count} signatures are`} missing before the server can start.`,
    toDo: 'Make them where the key is, with: latchkey ca sign-pending --dir FOLDER --key-uri URI (or --key-file FILE)',
  }),
  'token-key-unusable': ({ problem, detail }) => ({ ...TOKEN_KEY[problem], details: detail }),
  'crl-unusable': ({ problem, issuer }) => CRL_UNUSABLE[problem](issuer),
  'file-unwritable': ({ path, detail }) => ({ happened: `The file ${path} could not be written.`, toDo: 'Check its folder and your permission to write there.', details: detail }),
  'file-unreadable': ({ path, detail }) => ({ happened: `The file ${path} could not be read.`, toDo: 'Check its name and your permission to read it.', details: detail }),
  'audit-broken': ({ sequence, problem }) => ({ happened: `The audit log does not hold from line ${sequence} on: ${AUDIT_BROKEN[problem]}.`, toDo: 'Compare it with an export or a backup from before.' }),
  'backup-unreadable': ({ path, detail }) => ({ happened: `${path} is no whole backup: ${detail}.`, toDo: 'Take another one. Nothing was restored.' }),
  'command-failed': ({ command, detail }) => ({ happened: `"${command}" did not work.`, toDo: 'Run it by hand to see why.', details: detail }),
  'policy-invalid': ({ path, problems }) => ({ happened: problems.map(({ line, column, problem }) => `${path}:${line}:${column}: ${problem}`).join('\n'), toDo: 'Mend the file. A server that runs keeps the policy it has.' }),
  'store-unreachable': ({ address, detail }) => ({ happened: `The database ${address} does not answer.`, toDo: 'Check that it runs, its address, and your password.', details: detail }),
  'store-not-empty': ({ address }) => ({ happened: `There is something in ${address} already.`, toDo: 'Take an empty database. Nothing was changed.' }),
  'store-newer': ({ version, known }) => ({ happened: `The database was made by a later version of Latchkey (${version}; this one knows ${known}).`, toDo: 'Use that version. Nothing was changed.' }),
  unexpected: ({ id }) => ({ happened: `Something went wrong that we did not foresee (${id}).`, toDo: 'Please report it with the lines above.' }),
};

const AUDIT_BROKEN: Readonly<Record<Extract<Failure, { kind: 'audit-broken' }>['problem'], string>> = {
  missing: 'a line is missing',
  changed: 'a line was changed',
  order: 'lines are in another order',
  checkpoint: 'the signature of the CA does not fit',
  end: 'its end is missing',
};

const CRL_UNUSABLE: Readonly<Record<Extract<Failure, { kind: 'crl-unusable' }>['problem'], (issuer: string) => Wording>> = {
  unreadable: () => ({ happened: 'What the CA hands out is no CRL.', toDo: 'Check the address. The files are as they were.' }),
  'unknown-issuer': () => ({ happened: 'A CRL is signed by no CA that you trust.', toDo: 'Check the address, and that --ca holds the root of this CA. The files are as they were.' }),
  expired: (issuer) => ({ happened: `The CRL of ${issuer} has expired.`, toDo: 'Make a new one; its server does that by itself while it runs. The files are as they were.' }),
  'not-yet-valid': (issuer) => ({ happened: `The CRL of ${issuer} is not valid yet.`, toDo: 'Check the clocks of both computers. The files are as they were.' }),
  older: (issuer) => ({ happened: `The CRL of ${issuer} is older than the one that is there.`, toDo: 'Check that the address is that of the CA itself. The files are as they were.' }),
  missing: (issuer) => ({
    happened: `There is no CRL of ${issuer}, and without it servers refuse everybody.`,
    toDo: 'Put one as a .crl file into parent-crls/ of the CA’s folder. The files are as they were.',
  }),
};

const TOKEN_KEY: Readonly<Record<Extract<Failure, { kind: 'token-key-unusable' }>['problem'], Wording>> = {
  uri: { happened: 'The PKCS#11 URI of the CA key cannot be used.', toDo: 'It looks like: pkcs11:token=LABEL;id=%02?module-path=/path/to/module.so' },
  module: { happened: 'The PKCS#11 module of the CA key does not do its work.', toDo: 'Check module-path, and that exactly one token fits the URI.' },
  'token-missing': { happened: 'The token with the CA key is not there.', toDo: 'Plug it in. What waits for its signature is signed then.' },
  'key-missing': { happened: 'The CA key is not on the token.', toDo: 'Check id and object of the URI; a YubiKey shows a key through OpenSC only beside its certificate.' },
  'key-ambiguous': { happened: 'There is more than one key on the token that fits, or one where a new one was to be made.', toDo: 'Name the key by its id.' },
  'pin-missing': { happened: 'The PIN of the token with the CA key is missing.', toDo: 'Give it with --token-pin-file FILE or --token-pin-fd N, or name its file in the URI with pin-source=file:PATH.' },
  'pin-wrong': { happened: 'The PIN of the token with the CA key is wrong. It was tried once, and is not tried again.', toDo: 'Check it, and start again.' },
  'pin-blocked': { happened: 'The token with the CA key is blocked: too many wrong PINs.', toDo: 'Unblock it with its PUK or its security officer’s PIN.' },
  'key-type': { happened: 'The token cannot sign, or make a key, of this type.', toDo: 'Use P-256, P-384 or RSA from 2048 bits. A YubiKey’s key is made with another tool, such as ykman.' },
};

const UNFIT_AUTHORITY: Readonly<Record<Extract<Failure, { kind: 'authority-certificate-unfit' }>['reason'], string>> = {
  unreadable: 'The CA certificate or its key could not be read.',
  'not-a-ca': 'This certificate is not one of a CA.',
  'path-length': 'A CA of the chain may not have this one below it (pathLenConstraint).',
  'other-root': 'The new issuer stands below another root than the one that people trust here.',
  'root-only': 'This folder holds an offline root, which signs issuers and is never served.',
  'not-yet-valid': 'The CA certificate, or one of its chain, is not valid yet.',
  'other-key': 'The key does not belong to this certificate.',
  expired: 'The CA certificate has expired.',
  'key-type': 'Keys of this type cannot sign for a CA here.',
};

const COMMAND_WORDS: WordingTable<CommandFailure> = {
  usage: ({ detail }) => ({ happened: detail, toDo: 'See: latchkey --help' }),
  'secret-missing': ({ what, option }) => ({ happened: `${what} is needed, and there is no terminal to ask for it.`, toDo: `Give it with --${option}-file FILE or --${option}-fd N.` }),
  'answer-missing': ({ what, option }) => ({ happened: `${what} is needed, and there is no terminal to ask for it.`, toDo: `Give it with --${option}.` }),
  'secret-exposed': ({ path }) => ({ happened: `Everybody on this computer can read the secret in ${path}.`, toDo: `Run: chmod 600 ${path}` }),
  'secrets-differ': ({ what }) => ({ happened: `The two entries of ${what} differ.`, toDo: 'Nothing was changed. Try again.' }),
  cancelled: () => ({ happened: 'Cancelled.', toDo: 'What is done stays done; the same command goes on from there.' }),
  'no-security-key': ({ wanted }) =>
    wanted === undefined
      ? { happened: 'No security key is plugged in.', toDo: 'Plug in your YubiKey and try again.' }
      : { happened: `No security key with ${wanted} is plugged in.`, toDo: 'See which ones are: latchkey key list' },
  'several-security-keys': ({ readers }) => ({ happened: `More than one security key is plugged in: ${readers.join('; ')}.`, toDo: 'Say which one with --serial N or --reader NAME.' }),
  'no-authority': () => ({ happened: 'No CA is known on this computer yet.', toDo: 'Ask your administrator for an invitation, then: latchkey enroll --invite LINK' }),
  'nothing-in-slot': ({ slot, wanted }) => ({ happened: `Slot ${slot} holds no ${wanted === 'certificate' ? 'certificate' : 'key pair'}.`, toDo: 'See what the key holds: latchkey key show' }),
  'not-proven-genuine': ({ slot, reason, issuer }) => ({
    happened: reason === 'false' ? `The proof of the key pair in slot ${slot} does not hold.` : `Nobody that this computer knows vouches for the key pair in slot ${slot}.`,
    toDo: reason === 'false' ? 'Do not rely on this key.' : 'If you trust its issuer, put its certificate into attestation-roots/ of the configuration.',
    details: issuer,
  }),
  pending: ({ words, authority }) => ({
    happened: `The request waits for an approver of ${authority}. Its four words: ${words.join(' ')}.`,
    toDo: 'Tell the approver these words. Later run: latchkey enroll',
  }),
  'certificate-awaited': ({ authority, csrFile, csrPem, commands }) => ({
    happened: [
      csrFile === null ? `Sign this CSR with the key of ${authority}; save it as request.csr:\n\n${csrPem}` : `The CSR is in ${csrFile}. Sign it with the key of ${authority}.`,
      `With openssl:\n  ${commands.openssl}`,
      `With easy-rsa, in its folder:\n${commands.easyRsa.map((line) => `  ${line}`).join('\n')}`,
    ].join('\n\n'),
    toDo: '\n\nThen run: latchkey enroll --certificate FILE',
  }),
  'demo-failed': ({ detail }) => ({ happened: 'The demo did not reach its proof.', toDo: 'Please report it with the lines above.', details: detail }),
};

const WORDS: WordingTable<AnyFailure> = { ...SECURITY_KEY_WORDS, ...AUTHORITY_WORDS, ...OPERATOR_WORDS, ...COMMAND_WORDS };

/** What happened and what to do about it. */
export function describeFailure(failure: AnyFailure): Wording {
  // Sound because the table has one entry a kind, each for that kind's own type; the compiler cannot correlate the two.
  const wording = WORDS[failure.kind] as (failure: AnyFailure) => Wording;
  return wording(failure);
}

