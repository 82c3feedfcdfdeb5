import type { SubmittedRequest } from '../../../core/certificate-authority.ts';
import type { EnrollmentFacts, HeldCertificate } from '../../../core/enrollment/facts.ts';
import type { EnrollmentRecord, RecordedKeyPair } from '../../../core/enrollment/record.ts';
import type { KeyPairFacts, SecurityKeyFacts } from '../../../core/security-key.ts';

/** A YubiKey 5.4.3 as from the factory; tests say what is different. */
export function exampleKey(changes: Partial<SecurityKeyFacts> = {}): SecurityKeyFacts {
  return {
    readerName: 'Example reader',
    serial: 5_210_001,
    firmware: { major: 5, minor: 4, patch: 3 },
    model: 'YubiKey 5C',
    formFactor: 'usb-c-keychain',
    isFips: false,
    demandsComplexPin: false,
    pin: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 },
    puk: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 },
    managementKey: { algorithm: '3DES', isFactory: true, isPinProtected: false, isPinDerived: false },
    authentication: { keyPair: null, certificate: null, fits: null },
    movedTo: null,
    ...changes,
  };
}

/** Of a key on which PIN, PUK and management key are the person's own. */
export const OWN_SECRETS = {
  pin: { isFactory: false, attemptsLeft: 3, attemptsTotal: 3 },
  puk: { isFactory: false, attemptsLeft: 3, attemptsTotal: 3 },
  managementKey: { algorithm: '3DES', isFactory: false, isPinProtected: true, isPinDerived: false },
} as const satisfies Partial<SecurityKeyFacts>;

/** Of a key with firmware before 5.3. */
export const SILENT_SECRETS = {
  firmware: { major: 5, minor: 2, patch: 4 },
  pin: { isFactory: null, attemptsLeft: 3, attemptsTotal: null },
  puk: { isFactory: null, attemptsLeft: null, attemptsTotal: null },
  managementKey: { algorithm: '3DES', isFactory: null, isPinProtected: false, isPinDerived: false },
} as const satisfies Partial<SecurityKeyFacts>;

export const KEY_HASH = 'aa'.repeat(32);
export const OTHER_HASH = 'bb'.repeat(32);

export const KEY_PAIR: KeyPairFacts = {
  keyType: 'ECCP256',
  origin: 'generated',
  pinPolicy: 'once',
  touchPolicy: 'never',
  publicKey: Uint8Array.of(1, 2, 3),
};

export const HELD: HeldCertificate = { certificate: Uint8Array.of(0x30), subject: 'CN=Somebody', expiresAt: new Date('2027-01-01T00:00:00Z'), fits: false };

/** Facts of a key with a key pair in 9a whose hash is {@link KEY_HASH}, unless told otherwise. */
export function exampleFacts(changes: Partial<EnrollmentFacts> = {}): EnrollmentFacts {
  const key = changes.key ?? exampleKey();
  return {
    key,
    publicKeySha256: key.authentication.keyPair === null ? null : KEY_HASH,
    held: null,
    record: null,
    request: null,
    issued: null,
    invited: null,
    ...changes,
  };
}

/** A key of the person's own, with a key pair in 9a. */
export function ownKey(changes: Partial<SecurityKeyFacts> = {}): SecurityKeyFacts {
  return exampleKey({ ...OWN_SECRETS, authentication: { keyPair: KEY_PAIR, certificate: null, fits: null }, ...changes });
}

export function exampleRecord(keyPair: RecordedKeyPair = { kind: 'generated', publicKeySha256: KEY_HASH }, csr: Uint8Array | null = null): EnrollmentRecord {
  return { id: `5210001-${'c'.repeat(32)}`, keyPair, csr, request: null };
}

export function exampleRequest(changes: Partial<SubmittedRequest> = {}): SubmittedRequest {
  return { id: '0'.repeat(32), status: 'pending', submittedAt: new Date('2026-03-01T10:00:00Z'), ...changes };
}
