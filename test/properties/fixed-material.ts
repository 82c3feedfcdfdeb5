/** Keys and certificates that are the same in every run, so that a seed means the same cases. */
import { readFileSync } from 'node:fs';
import type { KeyType } from '../../core/security-key.ts';
import { readPem } from '../../core/x509/pem.ts';
import { curve25519PrivateKey, ecPrivateKey, encodePublicKey, privateKeyOf } from '../../native/virtual-yubikey/key-pair.ts';
import { testAttestationPrivateKey } from '../../native/virtual-yubikey/test-attestation-root.ts';

function made(der: Uint8Array | undefined): Uint8Array {
  if (der === undefined) throw new Error('no private key');
  return der;
}

const scalar = (length: number): Uint8Array => new Uint8Array(length).fill(0x11);

/** DER PKCS#8. */
export const PRIVATE_KEYS = {
  ECCP256: made(ecPrivateKey('ECCP256', scalar(32))),
  ECCP384: made(ecPrivateKey('ECCP384', scalar(48))),
  ED25519: made(curve25519PrivateKey('ED25519', scalar(32))),
  X25519: made(curve25519PrivateKey('X25519', scalar(32))),
  RSA2048: testAttestationPrivateKey,
} as const satisfies Partial<Readonly<Record<KeyType, Uint8Array>>>;

/** Public keys in PIV's encoding (73-4 part 2, table 11). */
export const PUBLIC_KEYS: readonly (readonly [KeyType, Uint8Array])[] = (Object.keys(PRIVATE_KEYS) as (keyof typeof PRIVATE_KEYS)[]).map((keyType) => [
  keyType,
  encodePublicKey(privateKeyOf(PRIVATE_KEYS[keyType])),
]);

function certificateIn(path: string): Uint8Array {
  const [der] = readPem(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), 'CERTIFICATE');
  if (der === undefined) throw new Error(`${path} holds no certificate`);
  return der;
}

/** A person's certificate of a Latchkey CA that nobody has: with alternative names, purposes and the rest. */
export const PERSON = certificateIn('test/properties/person.pem');
/** The statement of a real YubiKey 5.4.3 for its key in 9a. */
export const STATEMENT = certificateIn('test/vectors/attestation/yubikey-5.4.3-9a.pem');
/** The certificate in slot f9 of that key. */
export const F9 = certificateIn('test/vectors/attestation/yubikey-5.4.3-f9.pem');
/** The root that signed it. */
export const YUBICO_ROOT = certificateIn('resources/attestation/yubico-piv-root-263751.pem');
