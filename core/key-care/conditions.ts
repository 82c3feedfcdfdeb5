/**
 * The states a key can be in that a person should know of, computed from facts alone. Pure.
 * docs/key-care.md has the table; ways-out.ts says what to do about each.
 */
import type { CertificateGlance } from '../x509/certificate-glance.ts';
import type { RetiredSlot } from '../piv-slots.ts';
import type { SecurityKeyFacts } from '../security-key.ts';
import type { CareRecord, ReferenceName } from './care-record.ts';
import { renewalTime } from './renewal-time.ts';

/** A certificate in 9a, named for a person. */
export interface NamedCertificate {
  /** Common name; null: it cannot be read. */
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly expiresAt: Date | null;
}

export type KeyCondition =
  /** A reset was begun and not finished; the record says when. */
  | { readonly kind: 'reset-unfinished'; readonly startedAt: Date }
  | { readonly kind: 'pin-and-puk-blocked' }
  /** `pukAttemptsLeft`: null where the firmware does not tell. */
  | { readonly kind: 'pin-blocked'; readonly pukAttemptsLeft: number | null }
  /** Setting the attempts was cut off: PIN or PUK may be the factory value again. */
  | { readonly kind: 'retries-unfinished'; readonly pin: boolean | null; readonly puk: boolean | null }
  /** One wrong entry more and it is blocked. */
  | { readonly kind: 'pin-last-attempt' }
  /** Somebody entered a wrong PIN since the last right one. */
  | { readonly kind: 'pin-attempts-lost'; readonly left: number; readonly total: number }
  | { readonly kind: 'puk-blocked' }
  /** A management key that is neither the factory one, nor stored on the key, nor derived from the PIN. */
  | { readonly kind: 'management-key-unknown' }
  /** Locking the settings was cut off: flagged as PIN-protected, but still, or again, the factory one. */
  | { readonly kind: 'management-key-unfinished' }
  /** Derived from the PIN by another program: it works, and anybody who guesses the PIN computes it. */
  | { readonly kind: 'management-key-derived' }
  /** Moving the old key aside was cut off: key and certificate are in `slot`, and what is left in 9a is a copy. */
  | { readonly kind: 'retire-unfinished'; readonly slot: RetiredSlot }
  /** There is a certificate in 9a, but no key pair for it: deleted, or never there. */
  | { readonly kind: 'certificate-without-key'; readonly certificate: NamedCertificate }
  /** The certificate belongs to another key pair. */
  | { readonly kind: 'certificate-unfit'; readonly certificate: NamedCertificate }
  | { readonly kind: 'certificate-unreadable' }
  | { readonly kind: 'certificate-expired'; readonly certificate: NamedCertificate }
  /** It is in the last third of its lifetime; `isPressing`: in its last week. */
  | { readonly kind: 'certificate-expires-soon'; readonly certificate: NamedCertificate; readonly isPressing: boolean }
  /** Not of the CA that this computer trusts. */
  | { readonly kind: 'certificate-foreign'; readonly certificate: NamedCertificate }
  /** A key pair without a certificate: an enrollment that is not finished, or another program's key. */
  | { readonly kind: 'enrollment-unfinished' }
  /** In use, but PIN or PUK is the factory value, which everybody knows. */
  | { readonly kind: 'pin-factory' }
  | { readonly kind: 'puk-factory' };

export type KeyConditionKind = KeyCondition['kind'];

/** What the conditions are computed from. */
export interface CareFacts {
  readonly key: SecurityKeyFacts;
  /** Of the certificate in 9a; null: none, or unreadable. */
  readonly glance: CertificateGlance | null;
  /** Signed by the pinned CA; null: no CA is pinned, or there is no certificate. */
  readonly isFromAuthority: boolean | null;
  readonly record: CareRecord | null;
  readonly now: Date;
}

/** All conditions of a key, the most urgent first; none: it is fine, or as it came from the shop. */
export function conditionsOf(facts: CareFacts): readonly KeyCondition[] {
  return [...recordConditions(facts), ...secretConditions(facts), ...managementKeyConditions(facts), ...slotConditions(facts)].toSorted(
    (a, b) => URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind),
  );
}

/** Most urgent first. */
const URGENCY: readonly KeyConditionKind[] = [
  'reset-unfinished',
  'pin-and-puk-blocked',
  'pin-blocked',
  'retries-unfinished',
  'pin-last-attempt',
  'management-key-unfinished',
  'retire-unfinished',
  'certificate-unfit',
  'certificate-without-key',
  'certificate-unreadable',
  'certificate-expired',
  'enrollment-unfinished',
  'certificate-expires-soon',
  'certificate-foreign',
  'pin-factory',
  'puk-factory',
  'puk-blocked',
  'pin-attempts-lost',
  'management-key-unknown',
  'management-key-derived',
];

function recordConditions({ key, record }: CareFacts): readonly KeyCondition[] {
  if (record === null) return [];
  switch (record.action) {
    case 'reset':
      return [{ kind: 'reset-unfinished', startedAt: record.startedAt }];
    case 'retries': {
      const [pin, puk] = [stillFactory(key.pin.isFactory, record, 'PIN'), stillFactory(key.puk.isFactory, record, 'PUK')];
      return pin === false && puk === false ? [] : [{ kind: 'retries-unfinished', pin, puk }];
    }
  }
}

/** Where the firmware does not tell, a value that was set since is not the factory one; any other may be (null). */
function stillFactory(isFactory: boolean | null, record: CareRecord, which: ReferenceName): boolean | null {
  return isFactory ?? (record.open.includes(which) ? null : false);
}

function secretConditions(facts: CareFacts): readonly KeyCondition[] {
  const { pin, puk, authentication } = facts.key;
  const isInUse = authentication.certificate !== null;
  const isPukBlocked = puk.attemptsLeft === 0;
  if (pin.attemptsLeft === 0) return isPukBlocked ? [{ kind: 'pin-and-puk-blocked' }] : [{ kind: 'pin-blocked', pukAttemptsLeft: puk.attemptsLeft }];
  const found: KeyCondition[] = [];
  const total = pin.attemptsTotal;
  if (pin.attemptsLeft === 1 && total !== 1) found.push({ kind: 'pin-last-attempt' });
  else if (pin.attemptsLeft !== null && total !== null && pin.attemptsLeft < total) found.push({ kind: 'pin-attempts-lost', left: pin.attemptsLeft, total });
  if (isPukBlocked) found.push({ kind: 'puk-blocked' });
  if (isInUse && pin.isFactory === true) found.push({ kind: 'pin-factory' });
  if (isInUse && puk.isFactory === true && !isPukBlocked) found.push({ kind: 'puk-factory' });
  return found;
}

function managementKeyConditions({ key }: CareFacts): readonly KeyCondition[] {
  const { isFactory, isPinProtected, isPinDerived } = key.managementKey;
  if (isFactory === true) return isPinProtected ? [{ kind: 'management-key-unfinished' }] : [];
  if (isPinProtected) return [];
  if (isPinDerived) return [{ kind: 'management-key-derived' }];
  // Firmware before 5.3 does not tell; it is found out with the PIN, when it is needed.
  return isFactory === false ? [{ kind: 'management-key-unknown' }] : [];
}

function slotConditions({ key, glance, isFromAuthority, now }: CareFacts): readonly KeyCondition[] {
  const { keyPair, certificate, fits } = key.authentication;
  if (certificate === null) return keyPair === null ? [] : [{ kind: 'enrollment-unfinished' }];
  if (glance === null) return [{ kind: 'certificate-unreadable' }];
  const named: NamedCertificate = { subject: glance.subject, issuer: glance.issuer, expiresAt: glance.validTo };
  if (key.movedTo !== null) return [{ kind: 'retire-unfinished', slot: key.movedTo }];
  if (fits === false) return [{ kind: 'certificate-unfit', certificate: named }];
  // Without metadata an imported key cannot be told from none: nothing is said then.
  if (keyPair === null && key.pin.isFactory !== null) return [{ kind: 'certificate-without-key', certificate: named }];
  const found: KeyCondition[] = [];
  const time = renewalTime(glance, now);
  if (time === 'over') found.push({ kind: 'certificate-expired', certificate: named });
  else if (time !== 'not-yet') found.push({ kind: 'certificate-expires-soon', certificate: named, isPressing: time === 'now' });
  if (isFromAuthority === false) found.push({ kind: 'certificate-foreign', certificate: named });
  return found;
}
