/** The certificate that the CA's own HTTPS server shows: issued by this CA, its key only ever in memory. */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { hostname } from 'node:os';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { AlternativeName } from '../../core/x509/names.ts';
import { writePem } from '../../core/x509/pem.ts';
import { AUTHORITY_SERVER_PROFILE } from '../../core/x509/profile.ts';
import type { Context } from './context.ts';
import { planCertificate, signCertificate } from './issue.ts';

export interface ServerCertificate {
  /** PEM, PKCS#8, not encrypted: for TLS in this process, never written anywhere. */
  readonly key: string;
  /** PEM: the server's certificate and its chain to the root, which who connects for the first time looks at. */
  readonly certificates: string;
  readonly expiresAt: Date;
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** Everything the server may be called by: where it listens, its public name, this computer. */
export function serverNames(hosts: readonly string[]): readonly AlternativeName[] {
  const all = [...hosts.map((host) => host.replace(/^\[|\]$/g, '')).filter((host) => !ANY_ADDRESS.has(host)), hostname(), 'localhost', '127.0.0.1', '::1'];
  return [...new Set(all)].map((host) => ({ kind: isIP(host) === 0 ? 'dns' : 'ip', value: host }));
}

async function newServerKey(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  return promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
}

/** Issues one for these hosts. It is kept like every other certificate, so that every serial number is known. */
export async function issueServerCertificate(context: Context, hosts: readonly string[]): Promise<ServerCertificate> {
  const keys = await newServerKey();
  const names = serverNames(hosts);
  const wanted = {
    profile: AUTHORITY_SERVER_PROFILE,
    name: (names[0] as AlternativeName).value.slice(0, 64),
    alternativeNames: names,
    publicKey: new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' })),
    requestId: null,
    role: null,
  };
  const planned = await planCertificate(context.authority, wanted, context.clock());
  await context.store.write((rows) => rows.addCertificate(planned));
  const certificate = await signCertificate(context.authority, planned);
  await context.store.write((rows) => rows.setCertificate(planned.serialNumber, certificate));
  return {
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificates: [certificate, ...context.authority.chain.map(({ der }) => der)].map((der) => writePem(der, 'CERTIFICATE')).join(''),
    expiresAt: planned.expiresAt,
  };
}

/** Renewed when a third of its life is left, with time to spare for a clock or a disk that fails. */
export function isDue(certificate: ServerCertificate, now: Date): boolean {
  const thirdMs = (AUTHORITY_SERVER_PROFILE.validDays * 86_400_000) / 3;
  return certificate.expiresAt.getTime() - now.getTime() < thirdMs;
}
