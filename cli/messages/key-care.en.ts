/** What looking after a key is called in English: the conditions of a key, the ways out of them, what a slot is for. */
import type { KeyCondition, KeyConditionKind, NamedCertificate } from '../../core/key-care/conditions.ts';
import type { CareAct } from '../../core/key-care/ways-out.ts';
import { isRetired, type PivSlot, type RetiredSlot } from '../../core/piv-slots.ts';
import type { FormFactor, ModulesFacts } from '../../core/security-key.ts';
import { attempts } from './wording.ts';

type ConditionWords = { readonly [Kind in KeyConditionKind]: (condition: Extract<KeyCondition, { readonly kind: Kind }>) => string };

const CONDITION_WORDS: ConditionWords = {
  'reset-unfinished': ({ startedAt }) => `A reset was begun on ${day(startedAt)} and is not finished.`,
  'pin-and-puk-blocked': () => 'PIN and PUK are both blocked.',
  'pin-blocked': ({ pukAttemptsLeft }) => `The PIN is blocked after too many wrong entries.${pukAttemptsLeft === null ? '' : ` The PUK has ${attempts(pukAttemptsLeft)} left.`}`,
  'retries-unfinished': ({ pin, puk }) => `Setting the attempts was cut off: ${whichReset(pin, puk)}`,
  'pin-last-attempt': () => 'One more wrong PIN, and the PIN is blocked.',
  'pin-attempts-lost': ({ left, total }) => `Somebody entered a wrong PIN: ${left} of ${attempts(total)} left.`,
  'puk-blocked': () => 'The PUK is blocked: a blocked PIN could not be unblocked any more.',
  'management-key-unknown': () => 'The management key was set by another program, which has not left it on the key.',
  'management-key-unfinished': () => 'Protecting the management key was cut off: it is still the factory one.',
  'management-key-derived': () => 'The management key is computed from the PIN: who guesses the PIN has both.',
  'retire-unfinished': ({ slot }) => `Moving the old key aside was cut off: it is in slot ${slot}, and slot 9a still has a copy of its certificate.`,
  'certificate-without-key': ({ certificate }) => `There is no key pair for ${named(certificate)}.`,
  'certificate-unfit': ({ certificate }) => `${capital(named(certificate))} belongs to another key pair.`,
  'certificate-unreadable': () => 'What lies in slot 9a is no certificate.',
  'certificate-expired': ({ certificate }) => `${capital(named(certificate))} has expired${on(certificate)}.`,
  'certificate-expires-soon': ({ certificate }) => `${capital(named(certificate))} expires soon${on(certificate)}.`,
  'certificate-foreign': ({ certificate }) => `${capital(named(certificate))} is not of the CA that this computer trusts, but of ${certificate.issuer ?? 'another'}.`,
  'enrollment-unfinished': () => 'There is a key pair in slot 9a, but no certificate for it yet.',
  'pin-factory': () => 'The PIN is still the factory one, which everybody knows.',
  'puk-factory': () => 'The PUK is still the factory one, which everybody knows.',
};

/** What a person should know about the key. */
export function conditionWords(condition: KeyCondition): string {
  // Sound because the table has one entry a kind, each for that kind's own type; the compiler cannot correlate the two.
  return (CONDITION_WORDS[condition.kind] as (condition: KeyCondition) => string)(condition);
}

/** What to do about it. */
export const ACT_WORDS: Readonly<Record<CareAct, string>> = {
  'enter-pin': 'Enter the right PIN, which gives all attempts back',
  'change-pin': 'Choose a PIN of your own',
  'unblock-pin': 'Set a new PIN with the PUK',
  'change-puk': 'Choose a PUK of your own',
  'set-retries': 'Set PIN and PUK anew',
  'rotate-management-key': 'Replace the management key by a random one that the PIN protects',
  'enter-management-key': 'Give the management key, if you have it',
  'ask-administrator': 'Ask whoever set up this key',
  'go-on-enrolling': 'Go on with the enrollment',
  enroll: 'Enroll anew',
  'retire-key': 'Enroll anew, and keep the old key pair in a retired slot',
  'go-on-retiring': 'Finish the move',
  'delete-certificate': 'Delete the certificate',
  'go-on-resetting': 'Go on with the reset',
  reset: 'Reset the key',
};

/** NIST SP 800-73-4, part 1, section 3.1, in words of use; f9 is never shown. */
const PURPOSES: Readonly<Record<Exclude<PivSlot, RetiredSlot>, string>> = { '9a': 'signing in', '9c': 'signing documents', '9d': 'encryption', '9e': 'doors' };

export function purposeOf(slot: PivSlot): string {
  return isRetired(slot) ? 'retired' : PURPOSES[slot];
}

export const FORM_FACTOR_WORDS: Readonly<Record<FormFactor, string>> = {
  'usb-a-keychain': 'USB-A, keychain',
  'usb-a-nano': 'USB-A, nano',
  'usb-c-keychain': 'USB-C, keychain',
  'usb-c-nano': 'USB-C, nano',
  'usb-c-lightning': 'USB-C and Lightning',
  'usb-a-bio': 'USB-A, fingerprint',
  'usb-c-bio': 'USB-C, fingerprint',
};

/** Why a PKCS#11 module is used, or none is. */
export const MODULE_REASONS: Readonly<Record<ModulesFacts['reason'], string>> = {
  chosen: 'it was chosen with --module',
  environment: 'LATCHKEY_PKCS11_MODULE names it',
  usual: 'it is the one that browsers and the system usually use',
  only: 'it is the only one on this computer',
  'none-found': 'none was found; PIV commands do everything, but browsers need one: sudo apt install opensc-pkcs11',
  'none-chosen': 'none was chosen; PIV commands do everything',
  'chosen-missing': 'the one that was chosen is not there',
};

/** "2026-11-24". */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** null: the firmware does not tell. */
function whichReset(pin: boolean | null, puk: boolean | null): string {
  const isSure = pin !== null && puk !== null;
  const which = [...(pin === false ? [] : ['the PIN']), ...(puk === false ? [] : ['the PUK'])].join(' and ');
  return `${which} ${isSure ? (which.includes(' and ') ? 'are' : 'is') : 'may be'} the factory ${which.includes(' and ') ? 'ones' : 'one'} again.`;
}

function named({ subject }: NamedCertificate): string {
  return subject === null || subject === '' ? 'the certificate' : `the certificate for ${subject}`;
}

function on({ expiresAt }: NamedCertificate): string {
  return expiresAt === null ? '' : ` (${day(expiresAt)})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
