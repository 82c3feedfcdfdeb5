/** Opening what is in a CA's folder: the CA that issues now, and those before it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, success, type Result } from '../core/result.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { readPem } from '../core/x509/pem.ts';
import { encodePublicKey } from '../core/x509/public-key.ts';
import { openAuthority, type Authority } from './domain/authority.ts';
import { errorCode, FOLDER, readFolderFile } from './folder.ts';
import { finishActivation } from './issuer-activation.ts';
import type { AuthorityKey } from './keys/authority-key.ts';
import { absentKey, keyPlaceOf, openKey, refuseToSign, type KeySecrets } from './keys/key-source.ts';
import type { Log } from './log.ts';

export interface OpenedAuthorities {
  readonly authority: Authority;
  readonly formerAuthorities: readonly Authority[];
}

export interface OpeningOptions {
  readonly dir: string;
  readonly secrets: KeySecrets;
  readonly now: Date;
  readonly log: Log;
  /** Asks the holder for signatures of a CA (its certificate as DER), where an approver holds its key. Nobody signs unless given. */
  readonly heldKey?: (issuer: Uint8Array) => AuthorityKey['sign'];
}

/** The certificates of a folder, its own first and the root last. Fails with authority-folder-missing, file-unreadable, authority-certificate-unfit. */
export async function readChain(dir: string): Promise<Result<readonly Uint8Array[]>> {
  const file = await readFolderFile(dir, FOLDER.certificate);
  if (!file.ok) return file;
  const chain = readPem(file.value, 'CERTIFICATE');
  return chain.length > 0 ? success(chain) : failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
}

async function openOne(dir: string, options: OpeningOptions): Promise<Result<Authority>> {
  const chain = await readChain(dir);
  if (!chain.ok) return chain;
  const [own = new Uint8Array()] = chain.value;
  const certificate = parseCertificate(own);
  if (certificate === undefined) return failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
  const publicKey = encodePublicKey(certificate.publicKey);
  const place = await keyPlaceOf(dir);
  if (!place.ok) return place;
  const heldKey = options.heldKey?.(own) ?? refuseToSign({ kind: 'authority-locked' });
  const key = place.value.kind === 'held' ? absentKey(publicKey, heldKey) : await openKey(place.value, options.secrets, publicKey);
  return key.ok ? openAuthority(chain.value, key.value, options.now) : key;
}

/**
 * A former issuer. One whose key cannot be opened (another passphrase, a token that is not there) stays known, so that its
 * certificates verify, but its CRLs do not go on: that is said in the log. An expired one, or a broken folder, is left out.
 */
async function openFormer(dir: string, options: OpeningOptions): Promise<Authority | undefined> {
  const opened = await openOne(dir, options);
  if (opened.ok) return opened.value;
  options.log('error', 'former-issuer-not-opened', { folder: dir, failure: opened.failure.kind });
  const chain = await readChain(dir);
  const certificate = chain.ok ? parseCertificate(chain.value[0] ?? new Uint8Array()) : undefined;
  if (!chain.ok || certificate === undefined) return undefined;
  const key = absentKey(encodePublicKey(certificate.publicKey), refuseToSign(opened.failure));
  const absent = key.ok ? await openAuthority(chain.value, key.value, options.now) : key;
  return absent.ok ? absent.value : undefined;
}

async function formerFolders(dir: string): Promise<readonly string[]> {
  try {
    const names = await readdir(join(dir, FOLDER.issuers));
    return names.filter((name) => /^[0-9a-f]{16}$/.test(name)).toSorted();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The CA of a folder and its former issuers. Fails with authority-folder-missing, file-unreadable, passphrase-wrong,
 * token-key-unusable, chain-broken, authority-certificate-unfit (root-only: it is an offline root's folder).
 */
export async function openAuthorities(options: OpeningOptions): Promise<Result<OpenedAuthorities>> {
  const { dir } = options;
  const finished = await finishActivation(dir);
  if (!finished.ok) return finished;
  if ((await readFolderFile(dir, FOLDER.root)).ok) return failed({ kind: 'authority-certificate-unfit', reason: 'root-only' });
  const authority = await openOne(dir, options);
  if (!authority.ok) return authority;
  const former: Authority[] = [];
  for (const name of await formerFolders(dir)) {
    const opened = await openFormer(join(dir, FOLDER.issuers, name), options);
    if (opened !== undefined && opened.id !== authority.value.id) former.push(opened);
  }
  return success({ authority: authority.value, formerAuthorities: former });
}

/** The offline root in a folder. Fails as {@link openAuthorities}, and with authority-certificate-unfit (not-a-ca) where it is no root's folder. */
export async function openRoot(options: OpeningOptions): Promise<Result<Authority>> {
  const mark = await readFolderFile(options.dir, FOLDER.root);
  if (!mark.ok) {
    const chain = await readChain(options.dir);
    return chain.ok ? failed({ kind: 'authority-certificate-unfit', reason: 'not-a-ca' }) : chain;
  }
  return openOne(options.dir, options);
}
