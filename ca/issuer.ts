/** `ca issuer`: an issuing CA below a root that is kept offline. Request and activation here, the root's signature there. */
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, success, type Result } from '../core/result.ts';
import { buildAuthorityCsr, readAuthorityCsr } from '../core/x509/authority-csr.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { isCommonName } from '../core/x509/name-rules.ts';
import { readPem, writePem } from '../core/x509/pem.ts';
import { encodePublicKey } from '../core/x509/public-key.ts';
import { AUTHORITY_PROFILE } from '../core/x509/profile.ts';
import { openRoot, readChain } from './authority-folder.ts';
import { newIssuerCertificate, openAuthority, type Authority } from './domain/authority.ts';
import { createFolder, FOLDER, folderIsTaken, readBytes, readFolderFile, syncFolder, writeDurably } from './folder.ts';
import { certificatesIn } from './init.ts';
import { finishActivation } from './issuer-activation.ts';
import { whereAvailable, type AuthorityKeyType } from './keys/authority-key.ts';
import { absentKey, keyFile, keyPlaceOf, openKey, refuseToSign, type KeySecrets } from './keys/key-source.ts';
import { silent } from './log.ts';
import { obtainKey } from './new-key.ts';

export interface IssuerRequest {
  /** Folder of the issuing CA: of one that issues already, or to be made. */
  readonly dir: string;
  readonly name: string;
  /** ECCP384 unless said. */
  readonly keyType?: AuthorityKeyType;
  readonly secrets: KeySecrets;
  /** PKCS#11 URI, where the key is on a token; `generateKey` makes it there. */
  readonly keyUri?: string;
  readonly generateKey?: boolean;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** One passphrase opens all key files of a folder, so that a server asks for one. */
async function checkPassphrase(dir: string, secrets: KeySecrets): Promise<Result<void>> {
  const place = await keyPlaceOf(dir);
  if (!place.ok || place.value.kind !== 'file') return success(undefined);
  const opened = await openKey(place.value, secrets);
  return opened.ok ? success(undefined) : opened;
}

/**
 * Makes the key of an issuer to be, and its CSR: PEM, to be carried to the root. The issuer before it goes on meanwhile.
 * Fails with request-malformed (name), passphrase-wrong (another one than that of the present key), token-key-unusable,
 * authority-folder-exists (a request waits already).
 */
export async function requestIssuer(options: IssuerRequest): Promise<Result<string>> {
  const { dir, name, keyUri, secrets, keyType = 'ECCP384' } = options;
  if (!isCommonName(name)) return failed({ kind: 'request-malformed', detail: 'name' });
  const waiting = join(dir, FOLDER.issuerRequest);
  if (await isThere(waiting)) return failed({ kind: 'authority-folder-exists', path: waiting });
  const isFirst = !(await folderIsTaken(dir));
  const fits = keyUri !== undefined || isFirst ? success(undefined) : await checkPassphrase(dir, secrets);
  if (!fits.ok) return fits;
  const wanted = keyUri === undefined ? ({ kind: 'fresh', keyType, passphrase: secrets.passphrase ?? '' } as const) : ({ kind: 'token', uri: keyUri, pin: secrets.tokenPin, generate: options.generateKey === true ? keyType : undefined } as const);
  const obtained = await obtainKey(wanted);
  if (!obtained.ok) return obtained;
  const { key, place } = obtained.value;
  const csr = await whereAvailable(async () => success(await buildAuthorityCsr({ name, publicKey: key.publicKey }, key.signatureAlgorithm, (message) => key.sign(message))));
  if (!csr.ok) return csr;
  const pem = writePem(csr.value, 'CERTIFICATE REQUEST');
  // There it is where a request before this one failed halfway.
  if (isFirst && !(await isThere(join(dir, FOLDER.attestationRoots)))) {
    const made = await createFolder(dir, [], [FOLDER.attestationRoots, FOLDER.parentCrls]);
    if (!made.ok) return made;
  }
  const created = await createFolder(waiting, [keyFile(place), { name: 'ca.csr', text: pem, mode: 0o644 }], []);
  return created.ok ? success(pem) : created;
}

export interface IssuerSigning {
  readonly rootDir: string;
  readonly secrets: KeySecrets;
  /** Path of the CSR, PEM or DER. */
  readonly csr: string;
  /** 10 years unless said; never longer than the root. */
  readonly days?: number;
  readonly now: Date;
}

/**
 * Signs an issuer with the offline root. Answers PEM: its certificate and the root's, to be carried back.
 * Fails as {@link openRoot}, with file-unreadable, csr-unreadable and path-length (the root may have none below it).
 */
export async function signIssuer({ rootDir, secrets, csr, days, now }: IssuerSigning): Promise<Result<string>> {
  const root = await openRoot({ dir: rootDir, secrets, now, log: silent });
  if (!root.ok) return root;
  const file = await readBytes(csr);
  if (!file.ok) return file;
  const text = new TextDecoder('latin1').decode(file.value);
  const der = /-----BEGIN CERTIFICATE REQUEST-----/.test(text) ? readPem(text, 'CERTIFICATE REQUEST')[0] : file.value;
  const wanted = der && (await readAuthorityCsr(der));
  if (wanted === undefined || !isCommonName(wanted.name)) return failed({ kind: 'csr-unreadable' });
  const certificate = await whereAvailable(async () => success(await newIssuerCertificate(root.value, { ...wanted, days: days ?? AUTHORITY_PROFILE.validDays, now })));
  if (!certificate.ok) return certificate;
  const chain = [certificate.value, ...root.value.chain.map((above) => above.der)];
  const checked = await asIssuer(chain, now);
  return checked.ok ? success(chain.map((each) => writePem(each, 'CERTIFICATE')).join('')) : checked;
}

/** A chain judged as {@link openAuthority} does, without its key. */
async function asIssuer(chain: readonly Uint8Array[], now: Date): Promise<Result<Authority>> {
  const certificate = parseCertificate(chain[0] ?? new Uint8Array());
  if (certificate === undefined) return failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
  const key = absentKey(encodePublicKey(certificate.publicKey), refuseToSign({ kind: 'authority-locked' }));
  return key.ok ? openAuthority(chain, key.value, now) : key;
}

/** The request's key is the certificate's: by its CSR, so that no passphrase is asked for. */
async function isRequested(dir: string, issuer: Authority): Promise<Result<boolean>> {
  const csr = await readFolderFile(join(dir, FOLDER.issuerRequest), 'ca.csr');
  if (!csr.ok) return csr;
  const [der = new Uint8Array()] = readPem(csr.value, 'CERTIFICATE REQUEST');
  const requested = await readAuthorityCsr(der);
  return success(requested !== undefined && Buffer.from(requested.publicKey).equals(issuer.key.publicKey));
}

/**
 * Puts the certificate that the root signed into place; the issuer before it becomes a former one. A running server takes
 * it at SIGHUP. `certificate`: path of PEM with the chain; where the root is missing in it, the folder's is used.
 * Fails with authority-folder-missing (no request waits), file-unreadable, chain-broken, file-unwritable and
 * authority-certificate-unfit (other-key; other-root: not the one people trust here).
 */
export async function activateIssuer({ dir, certificate, now }: { readonly dir: string; readonly certificate: string; readonly now: Date }): Promise<Result<Authority>> {
  const file = await readBytes(certificate);
  if (!file.ok) return file;
  const present = await readChain(dir);
  const issuer = await asIssuer([...certificatesIn(file.value), ...(present.ok ? present.value.slice(-1) : [])], now);
  if (!issuer.ok) return issuer;
  const requested = await isRequested(dir, issuer.value);
  if (!requested.ok) return requested;
  if (!requested.value) return failed({ kind: 'authority-certificate-unfit', reason: 'other-key' });
  const before = present.ok ? await asIssuer(present.value, now) : undefined;
  if (before?.ok === true && before.value.fingerprint !== issuer.value.fingerprint) return failed({ kind: 'authority-certificate-unfit', reason: 'other-root' });
  const waiting = join(dir, FOLDER.issuerRequest);
  const pem = issuer.value.chain.map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
  try {
    // Whole or not there: half a certificate would be taken for the point of no return.
    await rm(join(waiting, '.ca.crt-next'), { force: true });
    await writeDurably(join(waiting, '.ca.crt-next'), pem, 0o644);
    await rename(join(waiting, '.ca.crt-next'), join(waiting, FOLDER.certificate));
    await syncFolder(waiting);
  } catch (error) {
    return failed({ kind: 'file-unwritable', path: waiting, ...(error instanceof Error && 'code' in error ? { detail: String(error.code) } : {}) });
  }
  const finished = await finishActivation(dir);
  return finished.ok ? issuer : finished;
}
