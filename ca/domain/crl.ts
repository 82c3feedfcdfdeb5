/**
 * The CA's CRLs: one for each issuer, or one for each partition of its certificates. Each is made anew long before it
 * expires, and at once when a certificate of it changes. Any process may make one; the store keeps the newest.
 */
import { withSignature } from '../../core/x509/certificate-building.ts';
import { crlToBeSigned } from '../../core/x509/crl-building.ts';
import { subjectDer } from '../../core/x509/certificate-parts.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import type { RevokedCertificate, Store, StoredCrl, StoreReader } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Authority } from './authority.ts';
import { AUTHORITY_ACTOR, randomId, type Context } from './context.ts';
import { clearCrlDue, crlDueMark, type CrlName } from './crl-due.ts';
import type { Policy } from './policy.ts';
import { crlAddress } from './status-addresses.ts';

const HOUR_MS = 3_600_000;
/** For clocks that are slow: servers refuse everybody while the only CRL they have is not valid yet. */
const BACKDATED_MS = 300_000;
/** So often a CRL is made again because something changed while it was signed. */
const MAX_ROUNDS = 5;

const underWay = new WeakMap<Store, OneAtATime>();

/** The partitions whose certificates a CRL speaks for. */
interface Scope {
  readonly authority: Authority;
  readonly name: CrlName;
  readonly covers: readonly number[];
  /** null: it speaks for every certificate of the issuer. */
  readonly distributionPoint: string | null;
}

/** Every issuer whose certificates can still be good, the one that issues now first. */
export function liveAuthorities(context: Context): readonly Authority[] {
  const now = context.clock().getTime();
  return [context.authority, ...context.formerAuthorities].filter(({ certificate }) => certificate.notAfter.getTime() > now);
}

/**
 * Which CRLs an issuer has. Only with an address are there several: a CRL of a part has to name the address that its
 * certificates name (RFC 5280, section 5.2.5).
 */
async function scopesOf(rows: StoreReader, authority: Authority, issues: boolean, policy: Policy): Promise<readonly Scope[]> {
  const { crlPartitions } = policy.revocation;
  const wanted = issues ? Array.from({ length: crlPartitions }, (_, index) => index) : [];
  const partitions = [...new Set([0, ...(await rows.crlPartitions(authority.id)), ...wanted])].toSorted((a, b) => a - b);
  const isDivided = partitions.length > 1 && crlAddress(policy, authority.id, 0) !== null;
  if (!isDivided) return [{ authority, name: { issuerId: authority.id, partition: 0 }, covers: partitions, distributionPoint: null }];
  return partitions.map((partition) => ({
    authority,
    name: { issuerId: authority.id, partition },
    covers: [partition],
    distributionPoint: crlAddress(policy, authority.id, partition),
  }));
}

async function marksOf(rows: StoreReader, { authority, covers }: Scope): Promise<ReadonlyMap<number, string>> {
  const marks = new Map<number, string>();
  for (const partition of covers) {
    const mark = await crlDueMark(rows, { issuerId: authority.id, partition });
    if (mark !== undefined) marks.set(partition, mark);
  }
  return marks;
}

async function isDue(rows: StoreReader, scope: Scope, policy: Policy, now: Date): Promise<boolean> {
  const crl = await rows.crl(scope.name.issuerId, scope.name.partition);
  if (crl === undefined || crl.nextUpdate.getTime() - now.getTime() < policy.revocation.crlRenewHours * HOUR_MS) return true;
  return (await marksOf(rows, scope)).size > 0;
}

/** What a new CRL is made of, as the store says at one moment. */
interface Contents {
  readonly before: StoredCrl | undefined;
  readonly marks: ReadonlyMap<number, string>;
  readonly entries: readonly RevokedCertificate[];
}

async function contentsOf(rows: StoreReader, scope: Scope, policy: Policy, now: Date): Promise<Contents> {
  const before = await rows.crl(scope.name.issuerId, scope.name.partition);
  // An expired certificate stays until a CRL that is younger than its end has named it (RFC 5280, section 3.3). The ones
  // made for a revocation are no regular ones: so it stays for the life of one CRL too.
  const regular = now.getTime() - policy.revocation.crlHours * HOUR_MS;
  const expiredAfter = new Date(Math.min(before?.thisUpdate.getTime() ?? 0, regular));
  const marks = await marksOf(rows, scope);
  const entries: RevokedCertificate[][] = [];
  for (const partition of scope.covers) entries.push([...(await rows.revoked(scope.authority.id, partition, expiredAfter))]);
  return { before, marks, entries: entries.flat() };
}

/** The next CRL, signed. Its number is the time, so that it grows even where an old backup was restored. */
async function build(scope: Scope, contents: Contents, policy: Policy, now: Date): Promise<StoredCrl> {
  const { authority } = scope;
  const seconds = Math.floor(now.getTime() / 1000);
  const number = Math.max(seconds, (contents.before?.number ?? 0) + 1);
  const thisUpdate = new Date(seconds * 1000 - BACKDATED_MS);
  const nextUpdate = new Date(seconds * 1000 + policy.revocation.crlHours * HOUR_MS);
  const tbs = crlToBeSigned({
    issuerName: subjectDer(authority.certificate.der),
    authorityKeyIdentifier: authority.keyIdentifier,
    signatureAlgorithm: authority.key.signatureAlgorithm,
    number,
    thisUpdate,
    nextUpdate,
    entries: contents.entries.map(({ serialNumber, revokedAt, reason }) => ({ serialNumber, revokedAt, reason })),
    distributionPoint: scope.distributionPoint,
  });
  const crl = withSignature(tbs, authority.key.signatureAlgorithm, await authority.key.sign(tbs));
  return { ...scope.name, number, thisUpdate, nextUpdate, crl };
}

/** Puts it into the store, unless another process was quicker. */
async function keep(context: Context, scope: Scope, contents: Contents, crl: StoredCrl): Promise<void> {
  await context.store.write(async (rows) => {
    const latest = await rows.crl(crl.issuerId, crl.partition);
    if (latest !== undefined && latest.number >= crl.number) return;
    await rows.putCrl(crl);
    for (const [partition, mark] of contents.marks) await clearCrlDue(rows, { issuerId: crl.issuerId, partition }, mark);
    await rows.setSetting('crl-revision', randomId());
    const facts = { issuer: scope.authority.name, partition: crl.partition, number: crl.number, entries: contents.entries.length };
    await record(rows, { event: 'crl-issued', actor: AUTHORITY_ACTOR, at: context.clock(), subject: crl.issuerId, facts });
  });
}

/** Makes the CRL until it is not due any more: whatever changed before the call is in it. */
async function renew(context: Context, scope: Scope): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { policy } = context;
    const now = context.clock();
    const contents = await context.store.read(async (rows) => ((await isDue(rows, scope, policy, now)) ? contentsOf(rows, scope, policy, now) : undefined));
    if (contents === undefined) return;
    await keep(context, scope, contents, await build(scope, contents, policy, now));
  }
}

/** A failure here costs nothing but time: what is due stays due. */
async function renewOrSay(context: Context, scope: Scope): Promise<void> {
  const all = underWay.get(context.store) ?? new OneAtATime();
  underWay.set(context.store, all);
  try {
    await all.run(`${scope.name.issuerId}/${scope.name.partition}`, () => renew(context, scope));
  } catch (error) {
    context.log('error', 'crl-not-made', { issuer: scope.name.issuerId, partition: scope.name.partition, error: String(error) });
  }
}

async function allScopes(context: Context): Promise<readonly Scope[]> {
  const { policy } = context;
  return context.store.read(async (rows) => {
    const scopes: Scope[] = [];
    for (const authority of liveAuthorities(context)) scopes.push(...(await scopesOf(rows, authority, authority === context.authority, policy)));
    return scopes;
  });
}

/** Makes every CRL that is missing, that ends soon, or that no longer tells the truth. For the background work: never fails. */
export async function renewDueCrls(context: Context): Promise<void> {
  for (const scope of await allScopes(context)) await renewOrSay(context, scope);
}

/**
 * Makes these CRLs now: call it once after a transaction (or after several) that changed certificates. Never fails: where
 * the key cannot sign now they stay due, and the background work goes on.
 */
export async function publishCrls(context: Context, names: readonly CrlName[]): Promise<void> {
  if (names.length === 0) return;
  const scopes = await allScopes(context);
  const due = scopes.filter(({ authority, covers }) => names.some(({ issuerId, partition }) => issuerId === authority.id && covers.includes(partition)));
  await Promise.all(due.map((scope) => renewOrSay(context, scope)));
}

/** Every CRL that servers need now: all issuers, all partitions, in a fixed order. */
export async function crlNames(context: Context): Promise<readonly CrlName[]> {
  return (await allScopes(context)).map(({ name }) => name);
}
