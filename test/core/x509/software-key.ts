import { generateKeyPairSync, sign } from 'node:crypto';
import { type Result, success } from '../../../core/result.ts';
import type { EnrollableKeyType } from '../../../core/security-key.ts';

export interface SoftwareKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** As {@link SecurityKey.sign} does. */
  readonly sign: (message: Uint8Array) => Promise<Result<Uint8Array>>;
}

function generate(keyType: EnrollableKeyType) {
  switch (keyType) {
    case 'ECCP256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ECCP384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'ED25519':
      return generateKeyPairSync('ed25519');
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return generateKeyPairSync('rsa', { modulusLength: Number(keyType.slice(3)) });
  }
}

/** A key pair of OpenSSL that signs as a security key does. */
export function softwareKey(keyType: EnrollableKeyType): SoftwareKey {
  const { publicKey, privateKey } = generate(keyType);
  const hash = keyType === 'ED25519' ? null : keyType === 'ECCP384' ? 'sha384' : 'sha256';
  return {
    publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    sign: async (message) => success(new Uint8Array(sign(hash, message, privateKey))),
  };
}
