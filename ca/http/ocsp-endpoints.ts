/** OCSP over HTTP (RFC 6960, appendix A; caching of RFC 5019, section 6). */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fromBase64 } from '../../core/bytes.ts';
import { ocspRefusal, ocspResponseStatus } from '../../core/x509/ocsp-response.ts';
import type { Context } from '../domain/context.ts';
import { OcspAnswers, type OcspReply } from '../domain/ocsp.ts';
import { STATUS_PATH } from '../domain/status-addresses.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import { sendRepresentation } from './conditional.ts';
import { limitersOf } from './limiters.ts';

const MEDIA_TYPE = 'application/ocsp-response';
/** Longest request in a path; RFC 5019 (section 5) wants GET below 255 bytes in all, others send more. */
const MAX_GET = 4096;
/** A cache between must not keep a revocation from anybody for longer, whatever nextUpdate says. */
const MAX_AGE_SECONDS = 60;

function bytesOf(reply: FastifyReply, der: Uint8Array): FastifyReply {
  return reply.header('content-type', MEDIA_TYPE).send(Buffer.from(der.buffer, der.byteOffset, der.byteLength));
}

function send(request: FastifyRequest, reply: FastifyReply, now: Date, { der, kept }: OcspReply): FastifyReply {
  if (kept === null || request.method !== 'GET') return bytesOf(reply.header('cache-control', 'no-store'), der);
  const leftSeconds = Math.floor((kept.nextUpdate.getTime() - now.getTime()) / 1000);
  const tag = createHash('sha256').update(der).digest('hex').slice(0, 32);
  return sendRepresentation(request, reply, now, {
    contentType: MEDIA_TYPE,
    body: der,
    tag,
    modifiedAt: kept.thisUpdate,
    expires: kept.nextUpdate,
    cacheControl: `max-age=${Math.max(0, Math.min(MAX_AGE_SECONDS, leftSeconds))}, public, no-transform, must-revalidate`,
  });
}

/** The request in the path: base64, as it is or with its "/", "+" and "=" as %2F, %2B and %3D. undefined: no base64. */
function fromPath(url: string): Uint8Array | undefined {
  const path = url.slice(STATUS_PATH.ocsp.length + 1).replace(/\?.*$/s, '');
  if (path.length > MAX_GET) return undefined;
  try {
    return fromBase64(decodeURIComponent(path));
  } catch {
    return undefined;
  }
}

/** GET `/ocsp/BASE64` and POST `/ocsp`. Whoever asks too often is told to come later. */
export function addOcspEndpoints(app: FastifyInstance, context: Context, metrics: ServerMetrics): void {
  const answers = new OcspAnswers(context);
  const { requests } = limitersOf(context);
  async function answer(request: FastifyRequest, reply: FastifyReply, der: Uint8Array | undefined): Promise<FastifyReply> {
    const wait = requests.take(request.ip);
    if (wait > 0) {
      metrics.ocspAnswers.add({ status: 'tryLater' });
      return bytesOf(reply.code(429).header('retry-after', String(wait)).header('cache-control', 'no-store'), ocspRefusal('tryLater'));
    }
    const answered = der === undefined ? { der: ocspRefusal('malformedRequest'), kept: null } : await answers.answer(der);
    metrics.ocspAnswers.add({ status: ocspResponseStatus(answered.der) });
    return send(request, reply, context.clock(), answered);
  }
  app.get(`${STATUS_PATH.ocsp}/*`, (request, reply) => answer(request, reply, fromPath(request.raw.url ?? '')));
  for (const path of [STATUS_PATH.ocsp, `${STATUS_PATH.ocsp}/`]) {
    app.post(path, (request, reply) => answer(request, reply, Buffer.isBuffer(request.body) ? request.body : undefined));
  }
}
