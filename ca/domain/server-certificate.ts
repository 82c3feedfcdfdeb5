/** The certificate that the CA's own HTTPS server shows: issued by this CA, its key only ever in memory. */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { hostname } from 'node:os';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { AlternativeName } from '../../core/x509/names.ts';
import { writePem } from '../../core/x509/pem.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { AUTHORITY_SERVER_PROFILE, type CertificateProfile } from '../../core/x509/profile.ts';
import { AuthorityKeyUnavailable } from '../keys/authority-key.ts';
import type { StoredCertificate } from '../storage/store.ts';
import { record } from './audit.ts';
import { AUTHORITY_ACTOR, type Context } from './context.ts';
import { planCertificate, signCertificate } from './issue.ts';

export interface ServerCertificate {
  /** PEM, PKCS#8, not encrypted: for TLS in this process, never written anywhere. */
  readonly key: string;
  /** PEM: the server's certificate and its chain to the root, which who connects for the first time looks at. */
  readonly certificates: string;
  readonly expiresAt: Date;
  /** From then on the next one is wanted: a third of its life is left, with time to spare for a clock or a disk that fails. */
  readonly renewAt: Date;
}

/** Where a server listens at every address it has: nobody can be sent there. */
export const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Everything the server may be called by: where it listens, its public name, this computer. */
export function serverNames(hosts: readonly string[]): readonly AlternativeName[] {
  const all = [...hosts.map((host) => host.replace(/^\[|\]$/g, '')).filter((host) => !ANY_ADDRESS.has(host)), hostname(), 'localhost', '127.0.0.1', '::1'];
  return [...new Set(all)].map((host) => ({ kind: isIP(host) === 0 ? 'dns' : 'ip', value: host }));
}

async function newServerKey(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  return promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
}

export interface PlannedServerCertificate {
  readonly privateKey: KeyObject;
  readonly planned: StoredCertificate;
}

/** One for these hosts, kept like every other certificate, so that every serial number is known; not signed yet. */
export async function planServerCertificate(context: Context, hosts: readonly string[], profile: CertificateProfile = AUTHORITY_SERVER_PROFILE): Promise<PlannedServerCertificate> {
  const keys = await newServerKey();
  const names = serverNames(hosts);
  const wanted = {
    profile,
    name: (names[0] as AlternativeName).value.slice(0, 64),
    alternativeNames: names,
    publicKey: new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' })),
    requestId: null,
    role: null,
  };
  const planned = await planCertificate(context.authority, wanted, context.clock());
  await context.store.write((rows) => rows.addCertificate(planned));
  return { privateKey: keys.privateKey, planned };
}

/** Signs a planned one and notes it. Throws AuthorityKeyUnavailable. */
export async function finishServerCertificate(context: Context, { privateKey, planned }: PlannedServerCertificate): Promise<ServerCertificate> {
  const issuer = [context.authority, ...context.formerAuthorities].find(({ id }) => id === planned.issuerId) ?? context.authority;
  const certificate = await signCertificate(issuer, planned);
  await context.store.write(async (rows) => {
    await rows.setCertificate(planned.serialNumber, certificate);
    const facts = { name: planned.name, expiresAt: planned.expiresAt.toISOString() };
    await record(rows, { event: 'server-certificate-issued', actor: AUTHORITY_ACTOR, at: context.clock(), subject: planned.serialNumber, facts });
  });
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificates: [certificate, ...issuer.chain.map(({ der }) => der)].map((der) => writePem(der, 'CERTIFICATE')).join(''),
    expiresAt: planned.expiresAt,
    renewAt: renewalOf(planned.madeAt, planned.expiresAt),
  };
}

/** When a third of its life is left. */
export function renewalOf(from: Date, to: Date): Date {
  return new Date(to.getTime() - (to.getTime() - from.getTime()) / 3);
}

/** Issues one for these hosts. Throws AuthorityKeyUnavailable. */
export async function issueServerCertificate(context: Context, hosts: readonly string[]): Promise<ServerCertificate> {
  return finishServerCertificate(context, await planServerCertificate(context, hosts));
}

/** Where the server's certificate comes from. */
export interface ServerCertificates {
  /** The one to start with. Fails with authority-locked where the CA's key cannot make one now. */
  first(): Promise<Result<ServerCertificate>>;
  /** The next one; undefined: not yet, and the present one goes on. */
  next(): Promise<ServerCertificate | undefined>;
}

/** Issued as they are needed, their keys in the memory of this process only. */
export function issuedServerCertificates(context: Context, hosts: readonly string[]): ServerCertificates {
  const issue = async (): Promise<ServerCertificate | undefined> => {
    try {
      return await issueServerCertificate(context, hosts);
    } catch (error) {
      if (!(error instanceof AuthorityKeyUnavailable)) throw error;
      context.log('error', 'server-certificate-waits-for-key', { failure: error.failure.kind });
      return undefined;
    }
  };
  return {
    first: async () => {
      const issued = await issue();
      return issued ? success(issued) : failed({ kind: 'authority-locked' });
    },
    next: issue,
  };
}

/** Whether the next one is wanted. */
export function isDue({ renewAt }: ServerCertificate, now: Date): boolean {
  return renewAt.getTime() <= now.getTime();
}
