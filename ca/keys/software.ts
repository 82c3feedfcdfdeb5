/** A CA key in a file: PKCS#8, encrypted with a passphrase. */
import { createPrivateKey, createPublicKey, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { failed, success, type Result } from '../../core/result.ts';
import type { SignatureAlgorithmName } from '../../core/x509/signature-algorithm.ts';
import type { AuthorityKey, AuthorityKeyType } from './authority-key.ts';

const generate = promisify(generateKeyPair);

/** A new private key, in memory. */
export async function generatePrivateKey(keyType: AuthorityKeyType): Promise<KeyObject> {
  switch (keyType) {
    case 'ECCP256':
      return (await generate('ec', { namedCurve: 'prime256v1' })).privateKey;
    case 'ECCP384':
      return (await generate('ec', { namedCurve: 'secp384r1' })).privateKey;
    case 'RSA4096':
      return (await generate('rsa', { modulusLength: 4096 })).privateKey;
    case 'ED25519':
      return (await generate('ed25519')).privateKey;
  }
}

const MIN_RSA_BITS = 2048;
const CURVES: Readonly<Record<string, { readonly hash: string; readonly algorithm: SignatureAlgorithmName }>> = {
  prime256v1: { hash: 'sha256', algorithm: 'ecdsaWithSHA256' },
  secp384r1: { hash: 'sha384', algorithm: 'ecdsaWithSHA384' },
  secp521r1: { hash: 'sha512', algorithm: 'ecdsaWithSHA512' },
};

/** How a key signs; `hash` null: the algorithm has its own. undefined: a CA must not have such a key. */
function signing(key: KeyObject): { readonly hash: string | null; readonly algorithm: SignatureAlgorithmName } | undefined {
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

/** Makes a private key in memory a CA key. Fails with authority-certificate-unfit (key-type). */
export function authorityKey(key: KeyObject): Result<AuthorityKey> {
  const how = signing(key);
  if (how === undefined) return failed({ kind: 'authority-certificate-unfit', reason: 'key-type' });
  return success({
    publicKey: new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    signatureAlgorithm: how.algorithm,
    sign: (message) =>
      new Promise((resolve, reject) => {
        sign(how.hash, message, { key, dsaEncoding: 'der' }, (error, signature) => (error ? reject(error) : resolve(new Uint8Array(signature))));
      }),
  });
}

/** Opens the CA's key file (see encrypted-pkcs8.ts). Fails with passphrase-wrong. */
export function openEncryptedKey(pem: string, passphrase: string): Result<AuthorityKey> {
  try {
    return authorityKey(createPrivateKey({ key: pem, format: 'pem', passphrase }));
  } catch {
    // A wrong passphrase shows as bad padding, and once in 256 times as broken ASN.1: not worth telling apart.
    return failed({ kind: 'passphrase-wrong' });
  }
}
