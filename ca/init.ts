/** `ca init`: a new CA, or an existing one taken over, becomes a folder. */
import type { KeyObject } from 'node:crypto';
import { failed, success, type Result } from '../core/result.ts';
import { isCommonName } from '../core/x509/name-rules.ts';
import { readPem, writePem } from '../core/x509/pem.ts';
import { AUTHORITY_PROFILE } from '../core/x509/profile.ts';
import { newAuthorityCertificate, openAuthority, rootOf } from './domain/authority.ts';
import { createFolder, folderIsTaken, readBytes } from './folder.ts';
import type { AuthorityKey, AuthorityKeyType } from './keys/authority-key.ts';
import { encryptPrivateKey } from './keys/encrypted-pkcs8.ts';
import { readExistingKey } from './keys/existing-key.ts';
import { authorityKey, generatePrivateKey } from './keys/software.ts';

export interface NewAuthority {
  /** Folder of the CA; must not exist, or be empty. Not itself a mount point: it is moved into its place whole. */
  readonly dir: string;
  /** Common name of the CA. Unused with an imported certificate, which has its own. */
  readonly name: string;
  /** ECCP384 unless said. Unused with an imported key. */
  readonly keyType?: AuthorityKeyType;
  /** 10 years unless said. Unused with an imported certificate. */
  readonly days?: number;
  /** Encrypts the key file in the folder. */
  readonly passphrase: string;
  /** Path of an existing CA certificate, PEM (with its chain, where it is an intermediate) or DER, and of its key (PKCS#8, PKCS#1 or SEC 1, encrypted or not). */
  readonly importCertificate?: string;
  readonly importKey?: string;
  /** Of the imported key, where it is encrypted. */
  readonly importPassphrase?: string;
}

export interface CreatedAuthority {
  /** SHA-256 of the root's DER certificate, lower-case hex: what people compare. */
  readonly fingerprint: string;
  /** DER of the root. */
  readonly caCertificate: Uint8Array;
}

interface CertificateAndKey {
  /** DER: its own, then those up to the root. */
  readonly certificates: readonly Uint8Array[];
  readonly key: AuthorityKey;
  readonly privateKey: KeyObject;
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

async function existing(options: NewAuthority, certificatePath: string, keyPath: string): Promise<Result<CertificateAndKey>> {
  const certificate = await readBytes(certificatePath);
  if (!certificate.ok) return certificate;
  const keyFile = await readBytes(keyPath);
  if (!keyFile.ok) return keyFile;
  const privateKey = readExistingKey(keyFile.value, options.importPassphrase);
  if (!privateKey.ok) return privateKey;
  const key = authorityKey(privateKey.value);
  return key.ok ? success({ certificates: certificatesIn(certificate.value), key: key.value, privateKey: privateKey.value }) : key;
}

async function fresh(options: NewAuthority, now: Date): Promise<Result<CertificateAndKey>> {
  if (!isCommonName(options.name)) return failed({ kind: 'request-malformed', detail: 'name' });
  const privateKey = await generatePrivateKey(options.keyType ?? 'ECCP384');
  const key = authorityKey(privateKey);
  if (!key.ok) return key;
  const certificate = await newAuthorityCertificate({ name: options.name, key: key.value, days: options.days ?? AUTHORITY_PROFILE.validDays, now });
  return success({ certificates: [certificate], key: key.value, privateKey });
}

/**
 * Makes the folder of a CA, all of it or nothing.
 * Fails with authority-folder-exists, file-unreadable, passphrase-wrong (of the imported key), request-malformed (name,
 * passphrase, only one of the two import files) authority-certificate-unfit and chain-broken.
 */
export async function initAuthority(options: NewAuthority, now: Date = new Date()): Promise<Result<CreatedAuthority>> {
  const { dir, importCertificate, importKey } = options;
  if (options.passphrase === '') return failed({ kind: 'request-malformed', detail: 'passphrase' });
  if ((importCertificate === undefined) !== (importKey === undefined)) return failed({ kind: 'request-malformed', detail: 'import needs certificate and key' });
  if (await folderIsTaken(dir)) return failed({ kind: 'authority-folder-exists', path: dir });
  const isImport = importCertificate !== undefined && importKey !== undefined;
  const parts = isImport ? await existing(options, importCertificate, importKey) : await fresh(options, now);
  if (!parts.ok) return parts;
  const authority = await openAuthority(parts.value.certificates, parts.value.key, now);
  if (!authority.ok) return authority;
  const keyPem = await encryptPrivateKey(parts.value.privateKey, options.passphrase);
  const chainPem = authority.value.chain.map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
  const created = await createFolder(dir, chainPem, keyPem);
  if (!created.ok) return created;
  return success({ fingerprint: authority.value.fingerprint, caCertificate: rootOf(authority.value) });
}
