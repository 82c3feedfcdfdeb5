/**
 * The server's own certificate where an approver holds the CA's key: nobody can issue one at each start, so it is kept in
 * the folder with its key. The next one is asked for in time, and takes its place once it is signed.
 *
 *   server.key, server.crt            what is shown now
 *   server-next.key, server-next.id   the key of the next one and its serial number, while its signature is waited for
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, success } from '../core/result.ts';
import { AUTHORITY_SERVER_PROFILE } from '../core/x509/profile.ts';
import { finishServerCertificate, planServerCertificate, renewalOf, type PlannedServerCertificate, type ServerCertificate, type ServerCertificates } from './domain/server-certificate.ts';
import type { Context } from './domain/context.ts';
import { errorCode, syncFolder, writeDurably } from './folder.ts';
import { AuthorityKeyUnavailable } from './keys/authority-key.ts';

/** Longer than elsewhere: a third of it is how long the holder of the key may be away. */
export const HELD_SERVER_PROFILE = { ...AUTHORITY_SERVER_PROFILE, validDays: 90 };

const FILES = { key: 'server.key', certificate: 'server.crt', nextKey: 'server-next.key', nextId: 'server-next.id' } as const;

async function readIfThere(dir: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(dir, name), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(dir: string, name: string, text: string, mode: number): Promise<void> {
  const draft = join(dir, `.${name}-draft`);
  await rm(draft, { force: true });
  await writeDurably(draft, text, mode);
  await rename(draft, join(dir, name));
}

/** Puts a certificate into the folder. Key and certificate in one file first: they are never of different pairs. */
export async function keepServerCertificate(dir: string, { key, certificates }: Pick<ServerCertificate, 'key' | 'certificates'>): Promise<void> {
  await replace(dir, FILES.key, key + certificates, 0o600);
  await replace(dir, FILES.certificate, certificates, 0o644);
  await syncFolder(dir);
}

/** What is kept, if it is still good; `server.key` holds both. */
async function kept(dir: string, now: Date): Promise<ServerCertificate | undefined> {
  const text = await readIfThere(dir, FILES.key);
  const match = text === undefined ? null : /^(-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----\n)([^]+)$/.exec(text);
  if (match === null) return undefined;
  const [, key = '', certificates = ''] = match;
  const { validFrom, validTo } = new X509Certificate(certificates);
  const expiresAt = new Date(validTo);
  return expiresAt > now ? { key, certificates, expiresAt, renewAt: renewalOf(new Date(validFrom), expiresAt) } : undefined;
}

/** The next one that waits already, or a new plan. Its key is on disk before its signature is asked for. */
async function planned(context: Context, dir: string, hosts: readonly string[]): Promise<PlannedServerCertificate> {
  const [key, id] = [await readIfThere(dir, FILES.nextKey), await readIfThere(dir, FILES.nextId)];
  const before = id === undefined ? undefined : await context.store.read((rows) => rows.certificate(id.trim()));
  if (key !== undefined && before !== undefined && before.expiresAt.getTime() > context.clock().getTime()) return { privateKey: createPrivateKey(key), planned: before };
  const next = await planServerCertificate(context, hosts, HELD_SERVER_PROFILE);
  await rm(join(dir, FILES.nextId), { force: true });
  await replace(dir, FILES.nextKey, next.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600);
  await replace(dir, FILES.nextId, `${next.planned.serialNumber}\n`, 0o600);
  await syncFolder(dir);
  return next;
}

/** Asks for the next one; undefined: it waits for the holder of the key. */
async function next(context: Context, dir: string, hosts: readonly string[]): Promise<ServerCertificate | undefined> {
  const plan = await planned(context, dir, hosts);
  try {
    const certificate = await finishServerCertificate(context, plan);
    await keepServerCertificate(dir, certificate);
    await rm(join(dir, FILES.nextId), { force: true });
    await rm(join(dir, FILES.nextKey), { force: true });
    return certificate;
  } catch (error) {
    if (!(error instanceof AuthorityKeyUnavailable)) throw error;
    context.log('info', 'server-certificate-waits-for-key', { serialNumber: plan.planned.serialNumber });
    return undefined;
  }
}

/** The server's certificates in a folder whose CA key an approver holds. */
export function heldServerCertificates(context: Context, dir: string, hosts: readonly string[]): ServerCertificates {
  return {
    first: async () => {
      const certificate = (await kept(dir, context.clock())) ?? (await next(context, dir, hosts));
      return certificate ? success(certificate) : failed({ kind: 'authority-locked' });
    },
    next: () => next(context, dir, hosts),
  };
}
