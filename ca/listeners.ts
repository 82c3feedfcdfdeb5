/** The addresses that a CA serves at: HTTPS, and plain HTTP for what everybody may read and for metrics, where wanted. */
import type { FastifyInstance } from 'fastify';
import { hostname } from 'node:os';
import { failed, success, type Result } from '../core/result.ts';
import { ANY_ADDRESS } from './domain/server-certificate.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Listener {
  readonly app: FastifyInstance;
  readonly scheme: 'http' | 'https';
  readonly at: ListenAddress;
}

/** "https://host:port", IPv6 in brackets; this computer's name where it listens at all of its addresses. */
function origin(scheme: Listener['scheme'], listened: string, port: number): string {
  const host = ANY_ADDRESS.has(listened) ? hostname() : listened;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Listens, and answers the origin it is reached at. Fails with address-in-use. */
async function listen({ app, scheme, at: { host, port } }: Listener): Promise<Result<string>> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') return failed({ kind: 'address-in-use', address: `${host}:${port}` });
    throw error;
  }
  const bound = app.server.address();
  return success(origin(scheme, host, typeof bound === 'object' && bound !== null ? bound.port : port));
}

/** Listens at all, and answers their origins in the same order; null where no listener was wanted. Fails with address-in-use, and then all are closed. */
export async function listenAtAll(listeners: readonly (Listener | null)[]): Promise<Result<readonly (string | null)[]>> {
  const addresses: (string | null)[] = [];
  for (const listener of listeners) {
    const address = listener === null ? success(null) : await listen(listener);
    if (!address.ok) {
      await closeAll(listeners);
      return address;
    }
    addresses.push(address.value);
  }
  return success(addresses);
}

/** Answers what is under way, then ends. */
export async function closeAll(listeners: readonly (Listener | null)[]): Promise<void> {
  await Promise.all(listeners.map(async (listener) => listener?.app.close()));
}
