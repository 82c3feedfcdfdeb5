/** A key for a CA to be: made here, made on a token, there already on a token, or out of a file. */
import { failed, success, type Result } from '../core/result.ts';
import { readBytes } from './folder.ts';
import type { AuthorityKey, AuthorityKeyType } from './keys/authority-key.ts';
import { encryptPrivateKey } from './keys/encrypted-pkcs8.ts';
import { readExistingKey } from './keys/existing-key.ts';
import type { KeyPlace } from './keys/key-source.ts';
import { generateTokenKey, openTokenKey } from './keys/pkcs11-key.ts';
import { authorityKey, generatePrivateKey } from './keys/software.ts';

/**
 * Which key. 'fresh': into an encrypted file. 'token': by its PKCS#11 URI; `generate` makes one of this type there.
 * 'import': path of a PKCS#8, PKCS#1 or SEC 1 file, encrypted or not; a copy goes into an encrypted file.
 */
export type WantedKey =
  | { readonly kind: 'fresh'; readonly keyType: AuthorityKeyType; readonly passphrase: string }
  | { readonly kind: 'token'; readonly uri: string; readonly pin?: string | undefined; readonly generate?: AuthorityKeyType | undefined }
  | { readonly kind: 'import'; readonly path: string; readonly importPassphrase?: string | undefined; readonly passphrase: string };

export interface NewKey {
  readonly key: AuthorityKey;
  /** What the CA's folder keeps of it. */
  readonly place: KeyPlace;
}

async function inFile(privateKey: Parameters<typeof authorityKey>[0], passphrase: string): Promise<Result<NewKey>> {
  const key = authorityKey(privateKey);
  return key.ok ? success({ key: key.value, place: { kind: 'file', pem: await encryptPrivateKey(privateKey, passphrase) } }) : key;
}

/** Fails with request-malformed (passphrase), file-unreadable, passphrase-wrong (of the imported key), authority-certificate-unfit and token-key-unusable. */
export async function obtainKey(wanted: WantedKey): Promise<Result<NewKey>> {
  if (wanted.kind === 'token') {
    const key = wanted.generate === undefined ? await openTokenKey(wanted.uri, wanted.pin) : await generateTokenKey(wanted.uri, wanted.pin, wanted.generate);
    return key.ok ? success({ key: key.value, place: { kind: 'token', uri: wanted.uri } }) : key;
  }
  if (wanted.passphrase === '') return failed({ kind: 'request-malformed', detail: 'passphrase' });
  if (wanted.kind === 'fresh') return inFile(await generatePrivateKey(wanted.keyType), wanted.passphrase);
  const file = await readBytes(wanted.path);
  if (!file.ok) return file;
  const privateKey = readExistingKey(file.value, wanted.importPassphrase);
  return privateKey.ok ? inFile(privateKey.value, wanted.passphrase) : privateKey;
}
