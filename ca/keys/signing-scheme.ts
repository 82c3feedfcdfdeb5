/** How each type of CA key signs. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { SignatureAlgorithmName } from '../../core/x509/signature-algorithm.ts';

export interface SigningScheme {
  readonly algorithm: SignatureAlgorithmName;
  /** For node:crypto; null: the algorithm has its own. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

const MIN_RSA_BITS = 2048;
const CURVES: Readonly<Record<string, SigningScheme>> = {
  prime256v1: { hash: 'sha256', algorithm: 'ecdsaWithSHA256' },
  secp384r1: { hash: 'sha384', algorithm: 'ecdsaWithSHA384' },
  secp521r1: { hash: 'sha512', algorithm: 'ecdsaWithSHA512' },
};

/** Of a public or private key; undefined: a CA must not have such a key. */
export function signingScheme(key: KeyObject): SigningScheme | undefined {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'ec':
      return CURVES[details?.namedCurve ?? ''];
    case 'rsa':
      return (details?.modulusLength ?? 0) >= MIN_RSA_BITS ? { hash: 'sha256', algorithm: 'sha256WithRSAEncryption' } : undefined;
    case 'ed25519':
      return { hash: null, algorithm: 'ed25519' };
    default:
      return undefined;
  }
}

/** A DER SubjectPublicKeyInfo as a key; undefined where it is none that OpenSSL reads. */
export function publicKeyFrom(der: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** Whether `signature` over `message` was made with the private half of a DER SubjectPublicKeyInfo, the way CA keys sign. */
export function isSignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = publicKeyFrom(publicKey);
  const scheme = key && signingScheme(key);
  try {
    return key !== undefined && scheme !== undefined && verify(scheme.hash, message, { key, dsaEncoding: 'der' }, signature);
  } catch {
    return false; // a signature of a wrong form comes from outside
  }
}
