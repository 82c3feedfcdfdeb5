/** A CA key in a file: PKCS#8, encrypted with a passphrase. */
import { createPrivateKey, createPublicKey, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { failed, success, type Result } from '../../core/result.ts';
import type { AuthorityKey, AuthorityKeyType } from './authority-key.ts';
import { signingScheme } from './signing-scheme.ts';

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

/** Makes a private key in memory a CA key. Fails with authority-certificate-unfit (key-type). */
export function authorityKey(key: KeyObject): Result<AuthorityKey> {
  const how = signingScheme(key);
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
