import { fetchCrls, pushCrls, readTrusted, type Pushed, watchCrls } from '../../ca/crl-push.ts';
import { trustedIssuers, verifyCrls, type VerifiedBundle, type VerifiedCrl } from '../../ca/crl-bundle.ts';
import { readBytes } from '../../ca/folder.ts';
import type { Result } from '../../core/result.ts';
import { crlEntries } from '../../core/x509/crl.ts';
import { describeName } from '../../core/x509/names.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { reportFailure } from '../output.ts';

export interface CrlPushOptions {
  readonly from: string;
  readonly ca: string;
  readonly to: readonly string[];
  readonly reload?: readonly string[];
  /** Seconds between two looks. */
  readonly watch?: number;
}

export interface CrlShowOptions {
  readonly ca: string;
  readonly from?: string;
  readonly file?: string;
}

function facts({ crl, issuer }: VerifiedCrl): Readonly<Record<string, unknown>> {
  const { number, thisUpdate, nextUpdate } = crl;
  let entries = 0;
  for (const _ of crlEntries(crl)) entries += 1;
  return { issuer: describeName(issuer.subject), number: number === null ? null : String(number), isPartition: crl.scope !== null, thisUpdate, nextUpdate, entries };
}

function minutes(date: unknown): string {
  return date instanceof Date ? `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : '–';
}

function words(crl: VerifiedCrl): string {
  const { issuer, number, isPartition, thisUpdate, nextUpdate, entries } = facts(crl);
  const what = isPartition === true ? 'a part of its certificates' : 'all its certificates';
  return `${String(issuer)}: number ${String(number)} for ${what}, ${String(entries)} revoked, from ${minutes(thisUpdate)} to ${minutes(nextUpdate)}`;
}

function report(bundle: VerifiedBundle, first: string): Extract<Outcome, { ok: true }> {
  return { ok: true, json: { crls: bundle.crls.map(facts) }, text: [first, ...bundle.crls.map(words)].join('\n') };
}

function pushedWords({ isNew }: Pushed, to: readonly string[]): string {
  return isNew ? `Written to ${to.join(', ')}.` : `${to.join(', ')}: up to date already.`;
}

async function watch({ output }: CommandContext, options: CrlPushOptions, seconds: number): Promise<Outcome> {
  const ended = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ended.abort());
  await watchCrls({
    from: options.from,
    trustedFile: options.ca,
    to: options.to,
    reload: options.reload ?? [],
    intervalMs: seconds * 1000,
    signal: ended.signal,
    onPushed: (pushed) => output.progress(report(pushed, pushedWords(pushed, options.to)).text),
    onFailure: (failure) => void reportFailure({ ...output, isJson: false }, failure),
  });
  return { ok: true, json: {}, text: 'Ended.' };
}

/** `latchkey ca crl push`: once, or with --watch until it is ended. */
export async function push(context: CommandContext, options: CrlPushOptions): Promise<Outcome> {
  if (options.watch !== undefined) return watch(context, options, options.watch);
  const pushed = await pushCrls({ from: options.from, trustedFile: options.ca, to: options.to, reload: options.reload ?? [] });
  if (!pushed.ok) return pushed;
  if (pushed.value === null) throw new Error('Nothing was known that could be current.');
  const { ok, json, text } = report(pushed.value, pushedWords(pushed.value, options.to));
  return { ok, json: { isNew: pushed.value.isNew, to: options.to, ...json }, text };
}

async function fromFile(path: string, trustedFile: string): Promise<Result<VerifiedBundle>> {
  const trusted = await readTrusted(trustedFile);
  if (!trusted.ok) return trusted;
  const bytes = await readBytes(path);
  if (!bytes.ok) return bytes;
  const now = new Date();
  return verifyCrls(bytes.value, await trustedIssuers(trusted.value, [], now), [], now);
}

/** `latchkey ca crl show`: what the CA hands out, or what is in a file, each CRL checked against the CAs in hand. */
export async function show(_: CommandContext, options: CrlShowOptions): Promise<Outcome> {
  if (options.file !== undefined) {
    const file = await fromFile(options.file, options.ca);
    return file.ok ? report(file.value, options.file) : file;
  }
  if (options.from === undefined) return { ok: false, failure: { kind: 'usage', detail: 'Say where the CRL is, with --from ADDRESS or --file FILE.' } };
  const fetched = await fetchCrls({ from: options.from, trustedFile: options.ca, to: [] });
  if (!fetched.ok) return fetched;
  if (fetched.value === null) throw new Error('Nothing was known that could be current.');
  return report(fetched.value, options.from);
}
