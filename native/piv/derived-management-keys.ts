/** Management keys that can be computed instead of read. */
import { hkdfSync, pbkdf2Sync } from 'node:crypto';

/** PBKDF2-HMAC-SHA1, the PIN in UTF-8, 24 bytes (yubikey-manager, ykman/piv.py, derive_management_key). */
const PIN_DERIVATION = { hash: 'sha1', iterations: 10_000, length: 24 } as const;

/** The key that ykman before 4.0 computed from PIN and the salt in ADMIN DATA: a 3DES key. */
export function deriveFromPin(pin: string, salt: Uint8Array): Uint8Array {
  const { hash, iterations, length } = PIN_DERIVATION;
  return new Uint8Array(pbkdf2Sync(new TextEncoder().encode(pin), salt, iterations, length, hash));
}

const ROTATION_INFO = 'latchkey management key rotation';

/** The key that follows `before` while a rotation is under way: HKDF-SHA256 (RFC 5869); see rotate-management-key.ts. */
export function deriveNext(before: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', before, salt, ROTATION_INFO, length));
}
