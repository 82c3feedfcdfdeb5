/** `ca init`: a new CA, or an existing one taken over, becomes a folder. */
import { failed, success, type Result } from '../core/result.ts';
import { isCommonName } from '../core/x509/name-rules.ts';
import { readPem, writePem } from '../core/x509/pem.ts';
import { AUTHORITY_PROFILE, ROOT_PROFILE } from '../core/x509/profile.ts';
import { newAuthorityCertificate, openAuthority, rootOf, type Authority } from './domain/authority.ts';
import { createFolder, FOLDER, folderIsTaken, readBytes, type NewFile } from './folder.ts';
import { whereAvailable, type AuthorityKeyType } from './keys/authority-key.ts';
import { keyFile, type KeyPlace } from './keys/key-source.ts';
import { obtainKey, type NewKey, type WantedKey } from './new-key.ts';

export interface NewAuthority {
  /** Folder of the CA; must not exist, or be empty. Not itself a mount point: it is moved into its place whole. */
  readonly dir: string;
  /** Common name of the CA. Unused with an imported certificate, which has its own. */
  readonly name: string;
  /** ECCP384 unless said. Unused with an imported key, and with one that is on a token already. */
  readonly keyType?: AuthorityKeyType;
  /** 10 years unless said, 20 of a root. Unused with an imported certificate. */
  readonly days?: number;
  /** Encrypts the key file in the folder. Unused with a token. */
  readonly passphrase?: string;
  /** Path of an existing CA certificate, PEM (with its chain, where it is an intermediate) or DER. */
  readonly importCertificate?: string;
  /** Its key: a file, PKCS#8, PKCS#1 or SEC 1, encrypted or not. Where it is on a token, `keyUri` says which. */
  readonly importKey?: string;
  /** Of the imported key, where it is encrypted. */
  readonly importPassphrase?: string;
  /** PKCS#11 URI of the key on a token. */
  readonly keyUri?: string;
  /** Where the URI names no pin-source. */
  readonly tokenPin?: string;
  /** Makes the key that `keyUri` names; otherwise it is there. */
  readonly generateKey?: boolean;
  /** A root that is kept offline, with issuing CAs below it. It cannot be served. */
  readonly isRoot?: boolean;
  /** The folder gets no key: an approver holds it. */
  readonly isHeld?: boolean;
}

export interface CreatedAuthority {
  /** SHA-256 of the root's DER certificate, lower-case hex: what people compare. */
  readonly fingerprint: string;
  /** DER of the root. */
  readonly caCertificate: Uint8Array;
  /** The CA, its key open. */
  readonly authority: Authority;
  /** Where its key is; with `isHeld` the only trace of a new one. */
  readonly place: KeyPlace;
}

/** Openssl and easy-rsa write PEM, often with text before it; DER is taken too. */
export function certificatesIn(file: Uint8Array): readonly Uint8Array[] {
  try {
    const found = readPem(new TextDecoder('latin1').decode(file), 'CERTIFICATE');
    return found.length > 0 ? found : [file];
  } catch {
    return [file];
  }
}

function wantedKey(options: NewAuthority): WantedKey {
  const { keyUri, keyType = 'ECCP384', passphrase = '', importKey, importPassphrase } = options;
  if (keyUri !== undefined) return { kind: 'token', uri: keyUri, pin: options.tokenPin, generate: options.generateKey === true ? keyType : undefined };
  return importKey === undefined ? { kind: 'fresh', keyType, passphrase } : { kind: 'import', path: importKey, importPassphrase, passphrase };
}

/** What is wrong with the options, before anything is done. */
function problemWith(options: NewAuthority): string | undefined {
  const { importCertificate, importKey, keyUri } = options;
  if (keyUri === undefined && (options.passphrase ?? '') === '') return 'passphrase';
  // The holder's key may be there before its CA.
  if ((importKey !== undefined && importCertificate === undefined && options.isHeld !== true) || (importCertificate !== undefined && importKey === undefined && keyUri === undefined)) return 'import needs certificate and key';
  if (keyUri !== undefined && importKey !== undefined) return 'the key is in a file or on a token';
  if (options.generateKey === true && (keyUri === undefined || importCertificate !== undefined)) return 'a key is generated on a token, for a new CA';
  return importCertificate === undefined && !isCommonName(options.name) ? 'name' : undefined;
}

async function certificatesFor(options: NewAuthority, { key }: NewKey, now: Date): Promise<Result<readonly Uint8Array[]>> {
  const { importCertificate, isRoot = false, name } = options;
  if (importCertificate !== undefined) {
    const file = await readBytes(importCertificate);
    return file.ok ? success(certificatesIn(file.value)) : file;
  }
  const { validDays } = isRoot ? ROOT_PROFILE : AUTHORITY_PROFILE;
  return whereAvailable(async () => success([await newAuthorityCertificate({ name, key, days: options.days ?? validDays, now, isRoot })]));
}

/**
 * Makes the folder of a CA, all of it or nothing.
 * Fails with authority-folder-exists, file-unreadable, passphrase-wrong (of the imported key), token-key-unusable,
 * request-malformed (name, passphrase, options that do not go together), authority-certificate-unfit and chain-broken.
 */
export async function initAuthority(options: NewAuthority, now: Date = new Date()): Promise<Result<CreatedAuthority>> {
  const { dir } = options;
  const problem = problemWith(options);
  if (problem !== undefined) return failed({ kind: 'request-malformed', detail: problem });
  if (await folderIsTaken(dir)) return failed({ kind: 'authority-folder-exists', path: dir });
  const key = await obtainKey(wantedKey(options));
  if (!key.ok) return key;
  const certificates = await certificatesFor(options, key.value, now);
  if (!certificates.ok) return certificates;
  const authority = await openAuthority(certificates.value, key.value.key, now);
  if (!authority.ok) return authority;
  const chainPem = authority.value.chain.map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
  const files: NewFile[] = [keyFile(options.isHeld === true ? { kind: 'held' } : key.value.place), { name: FOLDER.certificate, text: chainPem, mode: 0o644 }];
  if (options.isRoot === true) files.push({ name: FOLDER.root, text: 'The offline root: it signs issuers and is never served.\n', mode: 0o644 });
  const created = await createFolder(dir, files, options.isRoot === true ? [] : [FOLDER.attestationRoots, FOLDER.parentCrls]);
  if (!created.ok) return created;
  return success({ fingerprint: authority.value.fingerprint, caCertificate: rootOf(authority.value), authority: authority.value, place: key.value.place });
}
