/** The offline root's own CRL, made by hand: it tells which issuers are no longer good. Servers want one of every CA of a chain. */
import { join } from 'node:path';
import { equalBytes, toHex } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { withSignature } from '../core/x509/certificate-building.ts';
import { subjectDer } from '../core/x509/certificate-parts.ts';
import { isSignedBy, parseCertificate } from '../core/x509/certificate.ts';
import { crlToBeSigned, type CrlEntry } from '../core/x509/crl-building.ts';
import { writePem } from '../core/x509/pem.ts';
import { openRoot } from './authority-folder.ts';
import type { Authority } from './domain/authority.ts';
import { readBytes } from './folder.ts';
import { certificatesIn } from './init.ts';
import { whereAvailable } from './keys/authority-key.ts';
import type { KeySecrets } from './keys/key-source.ts';
import { silent } from './log.ts';
import { replaceFile } from './replaced-files.ts';

/** In the root's folder: a line for each revoked issuer, its serial number and when. */
const REVOKED_FILE = 'revoked-issuers';
const DAY_MS = 86_400_000;
/** For clocks that are slow. */
const BACKDATED_MS = 300_000;

export interface RootCrl {
  readonly rootDir: string;
  readonly secrets: KeySecrets;
  /** Paths of certificates of issuers that are no longer good, from now on. */
  readonly revoke: readonly string[];
  /** How long the CRL is good: until the root is fetched from its safe again. */
  readonly days: number;
  readonly now: Date;
}

async function revokedBefore(rootDir: string): Promise<Result<readonly CrlEntry[]>> {
  const file = await readBytes(join(rootDir, REVOKED_FILE));
  if (!file.ok) return file.failure.kind === 'file-unreadable' && file.failure.detail === 'ENOENT' ? success([]) : file;
  const lines = new TextDecoder().decode(file.value).split('\n').filter((line) => line !== '');
  const entries = lines.flatMap((line) => {
    const match = /^([0-9a-f]{2,40}) (\S+)$/.exec(line);
    const revokedAt = new Date(match?.[2] ?? '');
    return match?.[1] === undefined || Number.isNaN(revokedAt.getTime()) ? [] : [{ serialNumber: match[1], revokedAt, reason: 'unspecified' as const }];
  });
  // A line that is not understood may be the revocation that matters.
  return entries.length === lines.length ? success(entries) : failed({ kind: 'file-unreadable', path: join(rootDir, REVOKED_FILE) });
}

async function serialOf(root: Authority, path: string): Promise<Result<string>> {
  const file = await readBytes(path);
  if (!file.ok) return file;
  const certificate = parseCertificate(certificatesIn(file.value)[0] ?? new Uint8Array());
  if (certificate === undefined) return failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
  const isIssuer = !equalBytes(certificate.der, root.certificate.der) && (await isSignedBy(certificate, root.certificate));
  return isIssuer ? success(toHex(certificate.serialNumber)) : failed({ kind: 'authority-certificate-unfit', reason: 'other-root' });
}

/** The CRL, as PEM. Fails as {@link openRoot}, with file-unreadable, file-unwritable, and authority-certificate-unfit (other-root: not issued by this root). */
export async function makeRootCrl({ rootDir, secrets, revoke, days, now }: RootCrl): Promise<Result<string>> {
  const root = await openRoot({ dir: rootDir, secrets, now, log: silent });
  if (!root.ok) return root;
  const before = await revokedBefore(rootDir);
  if (!before.ok) return before;
  const entries = [...before.value];
  for (const path of revoke) {
    const serialNumber = await serialOf(root.value, path);
    if (!serialNumber.ok) return serialNumber;
    if (!entries.some((entry) => entry.serialNumber === serialNumber.value)) entries.push({ serialNumber: serialNumber.value, revokedAt: now, reason: 'unspecified' });
  }
  const lines = entries.map(({ serialNumber, revokedAt }) => `${serialNumber} ${revokedAt.toISOString()}\n`).join('');
  // On disk before a CRL leaves: the next one names them too.
  const kept = entries.length === before.value.length ? success(undefined) : await replaceFile(join(rootDir, REVOKED_FILE), new TextEncoder().encode(lines));
  if (!kept.ok) return kept;
  return whereAvailable(async () => success(writePem(await signCrl(root.value, entries, days, now), 'X509 CRL')));
}

async function signCrl({ certificate, keyIdentifier, key }: Authority, entries: readonly CrlEntry[], days: number, now: Date): Promise<Uint8Array> {
  const seconds = Math.floor(now.getTime() / 1000);
  const tbs = crlToBeSigned({
    issuerName: subjectDer(certificate.der),
    authorityKeyIdentifier: keyIdentifier,
    signatureAlgorithm: key.signatureAlgorithm,
    // The time, so that it grows without being kept.
    number: seconds,
    thisUpdate: new Date(seconds * 1000 - BACKDATED_MS),
    nextUpdate: new Date(Math.min(seconds * 1000 + days * DAY_MS, certificate.notAfter.getTime())),
    entries,
    distributionPoint: null,
  });
  return withSignature(tbs, key.signatureAlgorithm, await key.sign(tbs));
}
