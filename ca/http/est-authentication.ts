/** Who speaks EST: the bearer of an invitation's code (HTTP Basic), or the holder of a certificate of ours (TLS). */
import type { FastifyRequest } from 'fastify';
import type { TLSSocket } from 'node:tls';
import { failed, success, type Result } from '../../core/result.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { Context } from '../domain/context.ts';
import { issuedCertificate } from '../domain/key-proof.ts';
import type { StoredCertificate } from '../storage/store.ts';

/** Longer than any code; the user name is not looked at (RFC 7030, section 3.2.3 leaves it to the two sides). */
const MAX_CREDENTIALS = 1024;

/** The password of HTTP Basic (RFC 7617), which is the invitation's code; undefined: none was sent. */
export function basicCode(request: FastifyRequest): string | undefined {
  const sent = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (sent === undefined) return undefined;
  const text = Buffer.from(sent, 'base64').toString('utf8').slice(0, MAX_CREDENTIALS);
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : text.slice(colon + 1);
}

/**
 * The certificate that TLS has proven, if it is one of ours that is good; null: the client showed none. Fails with
 * renewal-refused where it is another CA's, expired, held or revoked.
 */
export async function clientCertificate(context: Context, request: FastifyRequest): Promise<Result<StoredCertificate | null>> {
  const shown = (request.raw.socket as TLSSocket).getPeerCertificate();
  if (shown.raw === undefined) return success(null);
  const stored = await issuedCertificate(context, parseCertificate(new Uint8Array(shown.raw)));
  if (stored === undefined) return failed({ kind: 'renewal-refused', reason: 'certificate' });
  if (stored.status !== 'good') return failed({ kind: 'renewal-refused', reason: 'revoked' });
  return stored.expiresAt.getTime() > context.clock().getTime() ? success(stored) : failed({ kind: 'renewal-refused', reason: 'expired' });
}
