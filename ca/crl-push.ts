/** `ca crl push`: the CA's CRLs into the files of web servers, and those servers reloaded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../core/failures.ts';
import { failed, success, type Result } from '../core/result.ts';
import { parseCertificate, type ParsedCertificate } from '../core/x509/certificate.ts';
import { readPem, writePem } from '../core/x509/pem.ts';
import { trustedIssuers, verifyBundle, type VerifiedBundle } from './crl-bundle.ts';
import { fetchStatus } from './crl-fetch.ts';
import { STATUS_PATH } from './domain/status-addresses.ts';
import { readBytes } from './folder.ts';
import { readBefore, replaceFile, type ReplacedFile, restoreFiles } from './replaced-files.ts';
import { reloadServer } from './server-reload.ts';

export interface PushOptions {
  /** Origin of the CA's status server: "http://ca.example.org:8080". */
  readonly from: string;
  /** PEM file of the CAs that are trusted: the root, or what the web server has as client CAs. */
  readonly trustedFile: string;
  /** Files of the web servers; they need not exist. */
  readonly to: readonly string[];
  /** "nginx", "haproxy", "apache" or commands, one after the other. */
  readonly reload: readonly string[];
  readonly clock?: () => Date;
}

export interface Pushed extends VerifiedBundle {
  /** false: every file had it already; nothing was reloaded. */
  readonly isNew: boolean;
  /** To ask with next time. */
  readonly tag: string | undefined;
}

/** The trusted CAs out of a PEM file. Fails with file-unreadable, authority-certificate-unfit. */
export async function readTrusted(path: string): Promise<Result<readonly ParsedCertificate[]>> {
  const bytes = await readBytes(path);
  if (!bytes.ok) return bytes;
  try {
    const certificates = readPem(new TextDecoder().decode(bytes.value), 'CERTIFICATE').map(parseCertificate);
    const readable = certificates.filter((certificate) => certificate !== undefined);
    if (readable.length > 0 && readable.length === certificates.length) return success(readable);
  } catch {
    // Broken base64: the same as no certificate.
  }
  return failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
}

async function before(paths: readonly string[]): Promise<Result<readonly ReplacedFile[]>> {
  const files: ReplacedFile[] = [];
  for (const path of paths) {
    const file = await readBefore(path);
    if (!file.ok) return file;
    files.push(file.value);
  }
  return success(files);
}

/** Writes every file and reloads every server; where one of them fails, all files are as before. */
async function install(files: readonly ReplacedFile[], bytes: Uint8Array, reload: readonly string[]): Promise<Result<void>> {
  const replaced: ReplacedFile[] = [];
  const steps = [
    ...files.map((file) => async () => {
      const written = await replaceFile(file.path, bytes);
      if (written.ok) replaced.push(file);
      return written;
    }),
    ...reload.map((how) => () => reloadServer(how)),
  ];
  for (const step of steps) {
    const done = await step();
    if (done.ok) continue;
    await restoreFiles(replaced);
    return done;
  }
  return success(undefined);
}

/**
 * The CRLs that the server hands out, checked, and what is in the files `to` now; null: still those that `tag` names.
 * Fails as {@link pushCrls}.
 */
export async function fetchCrls(
  options: Pick<PushOptions, 'from' | 'trustedFile' | 'to' | 'clock'>,
  tag?: string,
): Promise<Result<(VerifiedBundle & { readonly tag: string | undefined; readonly files: readonly ReplacedFile[] }) | null>> {
  const now = options.clock?.() ?? new Date();
  const trusted = await readTrusted(options.trustedFile);
  if (!trusted.ok) return trusted;
  const pem = trusted.value.map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
  const bundle = await fetchStatus(options.from, STATUS_PATH.crlBundle, tag, pem);
  if (!bundle.ok) return bundle;
  if (bundle.value === null) return success(null);
  const offered = await fetchStatus(options.from, STATUS_PATH.issuerBundle, undefined, pem);
  if (!offered.ok) return offered;
  const issuers = await trustedIssuers(trusted.value, offered.value === null ? [] : readPem(new TextDecoder().decode(offered.value.bytes), 'CERTIFICATE'), now);
  const files = await before(options.to);
  if (!files.ok) return files;
  const old = files.value.flatMap(({ before: bytes }) => bytes ?? []);
  const verified = await verifyBundle(bundle.value.bytes, issuers, old, now);
  return verified.ok ? success({ ...verified.value, tag: bundle.value.tag, files: files.value }) : verified;
}

/**
 * Fetches the CRLs, checks them, writes them where they differ, and reloads. null: `tag` still names them, nothing was
 * looked at. Where anything fails, the files are as before. Fails with authority-unreachable, authority-protocol,
 * authority-certificate-unfit, crl-unusable, file-unreadable, file-unwritable, command-failed.
 */
export async function pushCrls(options: PushOptions, tag?: string): Promise<Result<Pushed | null>> {
  const fetched = await fetchCrls(options, tag);
  if (!fetched.ok) return fetched;
  if (fetched.value === null) return success(null);
  const bytes = Buffer.from(fetched.value.text);
  const differing = fetched.value.files.filter((file) => file.before === undefined || !bytes.equals(file.before));
  if (differing.length === 0) return success({ ...fetched.value, isNew: false });
  const installed = await install(differing, bytes, options.reload);
  return installed.ok ? success({ ...fetched.value, isNew: true }) : installed;
}

export interface WatchOptions extends PushOptions {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly onPushed: (pushed: Pushed) => void;
  /** Told once for each failure that is another than the one before; it goes on. */
  readonly onFailure: (failure: Failure) => void;
}

/** Pushes again and again until `signal`: asks whether there is something new, and that costs next to nothing. */
export async function watchCrls(options: WatchOptions): Promise<void> {
  let tag: string | undefined;
  let lastFailure = '';
  while (!options.signal.aborted) {
    const pushed = await pushCrls(options, tag);
    if (pushed.ok && pushed.value !== null) {
      tag = pushed.value.tag;
      options.onPushed(pushed.value);
    }
    const failure = pushed.ok ? '' : JSON.stringify(pushed.failure);
    if (!pushed.ok && failure !== lastFailure) options.onFailure(pushed.failure);
    lastFailure = failure;
    await sleep(options.intervalMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
