/** Where a CA's key is: in an encrypted file, on a token, or with an approver. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, success, type Result } from '../../core/result.ts';
import { errorCode, FOLDER, readFolderFile, type NewFile } from '../folder.ts';
import { AuthorityKeyUnavailable, type AuthorityKey } from './authority-key.ts';
import { openTokenKey } from './pkcs11-key.ts';
import { publicKeyFrom, signingScheme } from './signing-scheme.ts';
import { openEncryptedKey } from './software.ts';

/** What opens keys. Never in a log, an error or a file. */
export interface KeySecrets {
  /** Of key files. */
  readonly passphrase?: string | undefined;
  /** Of tokens whose URI names no pin-source. */
  readonly tokenPin?: string | undefined;
}

export type KeyPlace = { readonly kind: 'file'; readonly pem: string } | { readonly kind: 'token'; readonly uri: string } | { readonly kind: 'held' };

async function readIfThere(path: string): Promise<Result<string | undefined>> {
  try {
    return success(await readFile(path, 'utf8'));
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' ? success(undefined) : failed({ kind: 'file-unreadable', path, ...(code === undefined ? {} : { detail: code }) });
  }
}

/** Where the key of the CA in a folder is. Fails with authority-folder-missing and file-unreadable. */
export async function keyPlaceOf(dir: string): Promise<Result<KeyPlace>> {
  const uri = await readIfThere(join(dir, FOLDER.keyUri));
  if (!uri.ok) return uri;
  if (uri.value !== undefined) return success({ kind: 'token', uri: uri.value.trim() });
  const held = await readIfThere(join(dir, FOLDER.keyHeld));
  if (!held.ok) return held;
  if (held.value !== undefined) return success({ kind: 'held' });
  const pem = await readFolderFile(dir, FOLDER.key);
  return pem.ok ? success({ kind: 'file', pem: pem.value }) : pem;
}

/** The key, opened. `publicKey`: DER SubjectPublicKeyInfo of the CA's certificate. Fails with passphrase-wrong and token-key-unusable. */
export async function openKey(place: Exclude<KeyPlace, { kind: 'held' }>, secrets: KeySecrets, publicKey?: Uint8Array): Promise<Result<AuthorityKey>> {
  if (place.kind === 'token') return openTokenKey(place.uri, secrets.tokenPin, publicKey);
  return secrets.passphrase === undefined ? failed({ kind: 'passphrase-wrong' }) : openEncryptedKey(place.pem, secrets.passphrase);
}

/** A key that cannot sign from here: `sign` is asked in its stead. Fails with authority-certificate-unfit (key-type). */
export function absentKey(publicKey: Uint8Array, sign: AuthorityKey['sign']): Result<AuthorityKey> {
  const key = publicKeyFrom(publicKey);
  const scheme = key && signingScheme(key);
  if (scheme === undefined) return failed({ kind: 'authority-certificate-unfit', reason: 'key-type' });
  return success({ publicKey, signatureAlgorithm: scheme.algorithm, sign });
}

/** For {@link absentKey}: nobody signs, for this reason. */
export function refuseToSign(failure: ConstructorParameters<typeof AuthorityKeyUnavailable>[0]): AuthorityKey['sign'] {
  return () => Promise.reject(new AuthorityKeyUnavailable(failure));
}

/** The file that says where a key is. */
export function keyFile(place: KeyPlace): NewFile {
  switch (place.kind) {
    case 'file':
      return { name: FOLDER.key, text: place.pem, mode: 0o600 };
    case 'token':
      return { name: FOLDER.keyUri, text: `${place.uri}\n`, mode: 0o600 };
    case 'held':
      return { name: FOLDER.keyHeld, text: 'An approver holds the key of this CA.\n', mode: 0o644 };
  }
}
