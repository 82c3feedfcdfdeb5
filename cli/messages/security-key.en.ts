/** What readers, keys and modules can come up with, in English. */
import type { CertificateUnfitReason, PinRule, PolicyProblem, SecurityKeyFailure } from '../../core/failures.ts';
import { attempts, type WordingTable } from './wording.ts';

const RULES: Readonly<Record<Exclude<PinRule, 'too-short'>, string>> = {
  'too-long': 'is too long: 6 to 8 characters',
  'factory-value': 'is the one every new key has',
  'not-digits': 'may only have digits on this key',
  'too-simple': 'is too easy to guess',
};

const UNFIT: Readonly<Record<CertificateUnfitReason, string>> = {
  unreadable: 'it cannot be read',
  'public-key': 'it belongs to another key',
  chain: 'it was not signed by your CA',
  'not-yet-valid': 'it is not valid yet',
  expired: 'it has expired',
  'client-auth': 'it is not meant for signing in to servers',
  'read-back': 'the key gave back something else than was written',
};

const POLICIES: Readonly<Record<PolicyProblem, string>> = {
  'pin-never-on-fips': 'A FIPS key makes no key pair that works without the PIN.',
  'touch-cached-too-old': 'This firmware cannot remember a touch.',
};

export const SECURITY_KEY_WORDS: WordingTable<SecurityKeyFailure> = {
  'smart-card-service-missing': ({ detail }) => ({ happened: 'The smart card service (pcscd) is not running.', toDo: 'Install and start it: sudo apt install pcscd && sudo systemctl enable --now pcscd.socket', details: detail }),
  'smart-card-access-denied': ({ detail }) => ({
    happened: 'The system does not let you use smart cards in this session.',
    toDo: 'Log in at the computer itself, or ask the administrator for a polkit rule for org.debian.pcsc-lite.access_pcsc.',
    details: detail,
  }),
  'device-process-ended': ({ detail }) => ({ happened: 'The part that talks to the key has ended.', toDo: 'Try again.', details: detail }),
  'security-key-removed': () => ({ happened: 'The security key was pulled out.', toDo: 'Plug it in again and repeat the command; what is done stays done.' }),
  'security-key-busy': ({ holder, isReleasable }) => ({
    happened: `Another program keeps the security key${holder === undefined ? '' : `: ${holder}`}.`,
    toDo: isReleasable === true ? 'Have it let go, and repeat the command: gpgconf --kill scdaemon' : `End that program${holder === undefined ? ' (for GnuPG: gpgconf --kill scdaemon)' : ''} and try again.`,
  }),
  'security-key-unresponsive': ({ detail }) => ({ happened: 'The security key does not answer.', toDo: 'Pull it out, plug it in again and repeat the command.', details: detail }),
  'not-a-piv-key': ({ detail }) => ({ happened: 'This card or key cannot hold certificates (no PIV).', toDo: 'Use a YubiKey 4 or 5 with PIV switched on.', details: detail }),
  'card-error': ({ instruction, statusWord }) => ({
    happened: 'The security key refused a step.',
    toDo: 'Pull it out, plug it in again and repeat the command.',
    details: `${instruction}: ${statusWord.toString(16).toUpperCase().padStart(4, '0')}`,
  }),
  'pin-wrong': ({ attemptsLeft }) => ({ happened: 'That was not the PIN.', toDo: `Take care: ${attempts(attemptsLeft)} left before the PIN is blocked.` }),
  'pin-blocked': () => ({ happened: 'The PIN is blocked after too many wrong entries.', toDo: 'Set a new one with the PUK: latchkey key pin unblock' }),
  'puk-wrong': ({ attemptsLeft }) => ({ happened: 'That was not the PUK.', toDo: `Take care: ${attempts(attemptsLeft)} left before the PUK is blocked.` }),
  'puk-blocked': () => ({ happened: 'The PUK is blocked after too many wrong entries.', toDo: 'See what still helps: latchkey key show' }),
  'pin-invalid': ({ which, rule, minLength }) => ({
    happened: `This ${which} ${rule === 'too-short' ? `is too short: ${minLength === 8 ? '8' : `${minLength ?? 6} to 8`} characters` : RULES[rule]}.`,
    toDo: `Choose another ${which}. Nothing was changed.`,
  }),
  'management-key-unknown': () => ({
    happened: 'The management key of this security key was set by another program, and is not on the key.',
    toDo: 'If you have it: latchkey key management-key rotate. Otherwise see what still helps: latchkey key show',
  }),
  'printed-object-in-use': () => ({ happened: 'The place for the management key holds data of another program.', toDo: 'It is never overwritten. Use another key, or remove that data with the program that wrote it.' }),
  'management-key-malformed': ({ digits }) => ({ happened: 'This cannot be the management key of this security key.', toDo: `It has ${digits} hexadecimal digits. Nothing was sent to the key.` }),
  'attempts-invalid': () => ({ happened: 'This many attempts cannot be set.', toDo: 'Choose numbers from 1 to 255. Nothing was changed.' }),
  'serial-mismatch': () => ({ happened: 'This is not the serial of the key.', toDo: 'Nothing was changed. The serial is printed on the key: latchkey key list' }),
  'move-unsupported': ({ firmware }) => ({ happened: `A key with firmware ${firmware} cannot move key pairs; 5.7 can.`, toDo: 'Keep this key for the old certificate, and enroll another one.' }),
  'no-retired-slot-free': () => ({ happened: 'All retired slots are in use.', toDo: 'See what they hold: latchkey key show' }),
  'policy-refused': ({ problem }) => ({ happened: POLICIES[problem], toDo: 'Choose another with --pin-policy or --touch-policy.' }),
  'fips-not-ready': () => ({ happened: 'A FIPS key makes no key pairs before PIN, PUK and management key are your own.', toDo: 'See which are not: latchkey key show' }),
  'holder-not-releasable': ({ holder }) => ({ happened: `Nobody can ask the program that keeps the key to let it go${holder === undefined ? '' : `: ${holder}`}.`, toDo: 'End that program and try again.' }),
  'touch-timeout': () => ({ happened: 'The key waited for a touch that did not come.', toDo: 'Repeat the command and touch the key when it blinks.' }),
  'key-type-unsupported': ({ keyType, firmware }) => ({ happened: `A key with firmware ${firmware} cannot make ${keyType} keys.`, toDo: 'Leave out --key-type, or choose ECCP256.' }),
  'slot-empty': () => ({ happened: 'There is no key pair on this security key yet.', toDo: 'Enroll it first: latchkey enroll --invite LINK' }),
  'attestation-unavailable': () => ({ happened: 'This security key cannot prove that its key pair was made on it.', toDo: 'The key pair was imported, or the attestation certificate is gone. Use another key.' }),
  'certificate-unfit': ({ reason, detail }) => ({ happened: `The certificate was not written: ${UNFIT[reason]}.`, toDo: 'Tell the administrator of the CA.', details: detail }),
  'module-failed': ({ module, detail }) => ({ happened: 'The PKCS#11 module reported an error.', toDo: 'Try again; if it stays so, set another module with LATCHKEY_PKCS11_MODULE.', details: `${module}: ${detail}` }),
  'module-crashed': ({ module }) => ({ happened: 'The PKCS#11 module crashed.', toDo: 'Try again; if it stays so, set another module with LATCHKEY_PKCS11_MODULE.', details: module }),
  'proof-failed': ({ reason, module }) => ({
    happened: {
      'certificate-not-found': 'The certificate is on the key, but the PKCS#11 module does not show it.',
      'key-not-found': 'The PKCS#11 module does not show the private key.',
      signature: 'The signature made through the PKCS#11 module does not verify.',
    }[reason],
    toDo: 'Browsers will have the same trouble. Try another PKCS#11 module.',
    details: module,
  }),
};
