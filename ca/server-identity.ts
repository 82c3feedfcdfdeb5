/** The certificate that the HTTPS server shows while it runs: renewed in time, or at once where another issuer takes over. */
import type { FastifyInstance } from 'fastify';
import { failed, type Result } from '../core/result.ts';
import type { Context } from './domain/context.ts';
import { isDue, issuedServerCertificates, type ServerCertificate, type ServerCertificates } from './domain/server-certificate.ts';
import { openJobs } from './domain/signing-jobs.ts';
import { heldServerCertificates } from './held-server-certificate.ts';
import { tlsOptions } from './http/app.ts';
import { keyPlaceOf } from './keys/key-source.ts';

const RENEWAL_CHECK_MS = 3_600_000;

/** Where the server's certificates come from now; the next issuer may have its key elsewhere. */
export interface ServerCertificateSource {
  readonly isHeld: boolean;
  readonly certificates: ServerCertificates;
}

/** By where the CA's key is at the moment of asking. */
export function serverCertificates(context: Context, dir: string, hosts: readonly string[]): () => Promise<ServerCertificateSource> {
  return async () => {
    const place = await keyPlaceOf(dir);
    const isHeld = place.ok && place.value.kind === 'held';
    return { isHeld, certificates: isHeld ? heldServerCertificates(context, dir, hosts) : issuedServerCertificates(context, hosts) };
  };
}

/** The certificate to start with. Fails with signatures-missing (an approver holds the key), authority-locked. */
export async function firstCertificate(context: Context, source: () => Promise<ServerCertificateSource>): Promise<Result<ServerCertificate>> {
  const { isHeld, certificates } = await source();
  const first = await certificates.first();
  return first.ok || !isHeld ? first : failed({ kind: 'signatures-missing', count: (await openJobs(context)).length });
}

export class ServerIdentity {
  #current: ServerCertificate;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly context: Context,
    private readonly app: FastifyInstance,
    private readonly source: () => Promise<ServerCertificateSource>,
    first: ServerCertificate,
  ) {
    this.#current = first;
    this.#timer = setInterval(() => void this.#renewIfDue(), RENEWAL_CHECK_MS);
    this.#timer.unref();
  }

  /** Of the certificate that is shown now. */
  get expiresAt(): Date {
    return this.#current.expiresAt;
  }

  /** Shows a new one to whoever connects from now on; connections that are open stay. Where none can be had now, the present one goes on. */
  async renew(): Promise<void> {
    try {
      const { certificates } = await this.source();
      const next = await certificates.next();
      if (next !== undefined) this.#current = next;
      // In any case: the issuers whose clients TLS knows may be others by now.
      const { server } = this.app;
      if ('setSecureContext' in server && typeof server.setSecureContext === 'function') server.setSecureContext(tlsOptions(this.context, this.#current));
      if (next !== undefined) this.context.log('info', 'server-certificate-renewed', { expiresAt: next.expiresAt.toISOString() });
    } catch (error) {
      this.context.log('error', 'server-certificate-not-renewed', { error: String(error) });
    }
  }

  async #renewIfDue(): Promise<void> {
    if (isDue(this.#current, this.context.clock())) await this.renew();
  }

  /** Ends the looking. */
  close(): void {
    clearInterval(this.#timer);
  }
}
