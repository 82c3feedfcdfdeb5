/**
 * What an action is made of, in the order in which the key is asked: each step either goes well and changes what the key
 * is, or ends the action with a failure. This is the model that the table is computed from; it knows no APDU.
 */
import type { FailureKind } from '../../core/failures.ts';
import type { ModelTraits, Secret, Traits } from './traits.ts';

/** 'ok', or a failure with the attempts that are left where it tells them. */
export type Outcome = 'ok' | FailureKind | `${'pin' | 'puk'}-wrong, ${number} left`;

export type StepName =
  | 'right PIN'
  | 'wrong PIN'
  | 'right PUK'
  | 'wrong PUK'
  | 'new PIN'
  | 'new PUK'
  | 'key is kept'
  | 'settings opened'
  | 'settings opened for a new PIN'
  | 'settings opened with a typed key'
  | 'management key locked away'
  | 'derived key locked away'
  | 'attempts, PIN and PUK set'
  | 'another serial'
  | 'all forgotten'
  | 'can be moved'
  | 'moved away'
  | 'certificate there'
  | 'certificate deleted'
  | 'key may be made'
  | 'key made'
  | 'key made here'
  | 'key to sign with'
  | 'this certificate there'
  | 'signed'
  | 'signature fits'
  | 'key for the certificate'
  | 'certificate written';

interface After {
  readonly traits: Traits;
  /** undefined: on to the next step. */
  readonly outcome?: Outcome;
}

const go = (traits: Traits): After => ({ traits });
const end = (traits: Traits, outcome: Outcome): After => ({ traits, outcome });

const [NEW_PIN_ATTEMPTS, NEW_PUK_ATTEMPTS] = [5, 7];
export const NEW_ATTEMPTS = { pinAttempts: NEW_PIN_ATTEMPTS, pukAttempts: NEW_PUK_ATTEMPTS } as const;

const full = (secret: Secret): Secret => ({ ...secret, left: secret.total });

function enterWrong(traits: Traits, which: 'pin' | 'puk'): After {
  const { left } = traits[which];
  if (left <= 1) return end({ ...traits, [which]: { ...traits[which], left: 0 } }, `${which}-blocked`);
  return end({ ...traits, [which]: { ...traits[which], left: left - 1 } }, `${which}-wrong, ${left - 1} left`);
}

/** FIPS keys of 5.7: nothing of value before all three are the owner's. */
export function isApproved({ pin, puk, managementKey }: Traits, { demandsApprovedMode }: ModelTraits): boolean {
  return !demandsApprovedMode || (pin.value !== 'factory' && puk.value !== 'factory' && managementKey !== 'factory' && managementKey !== 'unfinished');
}

/** Whether a key is in 9a for all that the firmware tells: before 5.3 a generated one, by its attestation. */
export function showsKey({ keyPair }: Traits, { tells }: ModelTraits): boolean {
  return tells ? keyPair !== 'none' : keyPair === 'generated';
}

/** Whether something is in the certificate's place that can be taken out of its object. */
export function showsCertificate({ certificate }: Traits): boolean {
  return certificate !== null && certificate.form !== 'broken';
}

export function isReadable({ certificate }: Traits): boolean {
  return showsCertificate({ certificate } as Traits) && certificate?.form !== 'unreadable';
}

export const STEPS: Readonly<Record<StepName, (traits: Traits, model: ModelTraits) => After>> = {
  'right PIN': (traits) => (traits.pin.left === 0 ? end(traits, 'pin-blocked') : go({ ...traits, pin: full(traits.pin) })),
  'wrong PIN': (traits) => enterWrong(traits, 'pin'),
  'right PUK': (traits) => (traits.puk.left === 0 ? end(traits, 'puk-blocked') : go({ ...traits, puk: full(traits.puk) })),
  'wrong PUK': (traits) => enterWrong(traits, 'puk'),
  'new PIN': (traits) => go({ ...traits, pin: { ...full(traits.pin), value: 'new' }, managementKey: traits.managementKey === 'derived' ? 'derived from an old PIN' : traits.managementKey, record: withoutOpen(traits, 'PIN') }),
  'new PUK': (traits) => go({ ...traits, puk: { ...full(traits.puk), value: 'new' }, record: withoutOpen(traits, 'PUK') }),
  /** A reset that was begun is given up: the key is still in use. */
  'key is kept': (traits) => go({ ...traits, record: traits.record?.action === 'reset' ? null : traits.record }),

  /** The management key is found, and what was cut off is finished. */
  'settings opened': (traits, model) => {
    const isFactory = traits.managementKey === 'factory' || traits.managementKey === 'unfinished';
    if (!isFactory && !isApproved(traits, model)) return end(traits, 'fips-not-ready');
    if (traits.managementKey === 'foreign' || traits.managementKey === 'derived from an old PIN') return end(traits, 'management-key-unknown');
    return go(traits.managementKey === 'rotating' ? { ...traits, managementKey: 'protected' } : traits);
  },
  /** The same before PIN and PUK are set anew, where a FIPS key that lost them gets its own first, and shows PRINTED then. */
  'settings opened for a new PIN': (traits, model) => {
    const isLost = !isApproved(traits, model) && traits.pin.value === 'factory';
    return STEPS['settings opened'](isLost ? { ...traits, pin: { ...traits.pin, value: 'new' }, puk: { ...traits.puk, value: 'new' } } : traits, model);
  },
  /** The person types the administrator's management key. */
  'settings opened with a typed key': (traits) => go(traits.managementKey === 'rotating' ? { ...traits, managementKey: 'protected' } : traits),
  'management key locked away': (traits, { demandsApprovedMode }) => {
    const isFactory = traits.managementKey === 'factory' || traits.managementKey === 'unfinished';
    const isBridged = demandsApprovedMode && isFactory;
    if (demandsApprovedMode && (traits.pin.value === 'factory' || traits.puk.value === 'factory')) return end(traits, 'fips-not-ready');
    if (traits.printed === 'foreign') return end(isBridged ? { ...traits, managementKey: 'bridged' } : traits, 'printed-object-in-use');
    return go({ ...traits, managementKey: 'protected' });
  },
  /** Before the PIN is another: a management key that follows from it would be lost. */
  'derived key locked away': (traits) => go(traits.managementKey === 'derived' ? { ...traits, managementKey: 'protected' } : traits),

  'attempts, PIN and PUK set': (traits) =>
    go({ ...traits, pin: { value: 'new', left: NEW_PIN_ATTEMPTS, total: NEW_PIN_ATTEMPTS }, puk: { value: 'new', left: NEW_PUK_ATTEMPTS, total: NEW_PUK_ATTEMPTS }, record: null }),
  'another serial': (traits) => end(traits, 'serial-mismatch'),
  'all forgotten': (traits) => {
    const factory: Secret = { value: 'factory', left: 3, total: 3 };
    return go({ ...traits, pin: factory, puk: factory, managementKey: 'factory', printed: 'free', keyPair: 'none', certificate: null, retired: 0, isMovedAside: false, record: null });
  },

  'can be moved': (traits, { canMove }) => {
    if (!canMove) return end(traits, 'move-unsupported');
    if (traits.isMovedAside) return go(traits);
    if (traits.keyPair === 'none') return end(traits, 'slot-empty');
    return traits.retired === 20 ? end(traits, 'no-retired-slot-free') : go(traits);
  },
  'moved away': (traits) => go({ ...traits, keyPair: 'none', certificate: null, retired: traits.retired + (traits.isMovedAside ? 0 : 1), isMovedAside: false }),
  'certificate there': (traits) => (traits.certificate === null ? end(traits, 'slot-empty') : go(traits)),
  'certificate deleted': (traits) => go({ ...traits, certificate: null, isMovedAside: false }),
  'key may be made': (traits, model) => (isApproved(traits, model) ? go(traits) : end(traits, 'fips-not-ready')),
  'key made': (traits) => go({ ...traits, keyPair: 'generated', isMovedAside: false, certificate: traits.certificate && { ...traits.certificate, isOf: 'another key' } }),
  'key made here': (traits) => (traits.keyPair === 'generated' ? go(traits) : end(traits, 'attestation-unavailable')),

  /** Before 5.3 an imported key shows in its certificate alone. */
  'key to sign with': (traits, model) => (showsKey(traits, model) || (!model.tells && isReadable(traits)) ? go(traits) : end(traits, 'slot-empty')),
  /** ykcs11 2.2 does not look whether a certificate is compressed: it shows one as it lies there. */
  'this certificate there': (traits, { module }) => {
    const form = traits.certificate?.form ?? 'none';
    const isThere = form === 'plain' || form === (module === 'ykcs11' ? 'broken' : 'compressed');
    return isThere ? go(traits) : end(traits, 'proof-failed');
  },
  /** A certificate without its key promised one, on a firmware that does not tell. */
  signed: (traits, { module }) => (traits.keyPair === 'none' ? end(traits, module === null ? 'card-error' : 'module-failed') : go(traits)),
  'signature fits': (traits) => (traits.certificate?.isOf === 'another key' ? end(traits, 'proof-failed') : go(traits)),
  'key for the certificate': (traits, { tells }) => (traits.keyPair !== 'none' ? go(traits) : end(traits, tells ? 'slot-empty' : 'certificate-unfit')),
  'certificate written': (traits) => go({ ...traits, certificate: { form: 'plain', isOf: 'this key', validity: 'valid', issuer: 'ours' } }),
};

function withoutOpen({ record }: Traits, which: 'PIN' | 'PUK'): Traits['record'] {
  return record?.action === 'retries' ? { ...record, open: record.open.filter((open) => open !== which) } : record;
}

/** Takes the steps until one of them ends the action. */
export function take(steps: readonly StepName[], traits: Traits, model: ModelTraits): { readonly traits: Traits; readonly outcome: Outcome } {
  let present = traits;
  for (const step of steps) {
    const after: After = STEPS[step](present, model);
    present = after.traits;
    if (after.outcome !== undefined) return { traits: present, outcome: after.outcome };
  }
  return { traits: present, outcome: 'ok' };
}
