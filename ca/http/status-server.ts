/**
 * The plain HTTP listener for what everybody may read: CRLs, OCSP, CA certificates. Each is signed; HTTPS would make
 * whoever checks a certificate check another one first (RFC 5280, section 8).
 */
import { fastify, type FastifyInstance } from 'fastify';
import type { Context } from '../domain/context.ts';
import { ServerMetrics } from '../metrics/server-metrics.ts';
import { addCrlEndpoints, type CrlEndpointOptions } from './crl-endpoints.ts';
import { limitReading } from './limiters.ts';
import { listenerOptions, surround, type RouteHeard } from './listener.ts';
import { addOcspEndpoints } from './ocsp-endpoints.ts';
import { nodeLimits, STATUS_LIMITS, type ServerLimits } from './server-limits.ts';
import { addTextErrors, addTextNotFound, textRefusal } from './text-errors.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

/** An OCSP request with a hundred certificates in it. */
const MAX_BODY_BYTES = 16 * 1024;

export interface StatusOptions extends CrlEndpointOptions {
  /** Counts into these; unless given, nobody asks. */
  readonly metrics?: ServerMetrics;
  /** In place of the listener's own: for tests. */
  readonly limits?: Partial<ServerLimits> | undefined;
  readonly proxies?: TrustedProxies | undefined;
  readonly onRoute?: RouteHeard | undefined;
}

/**
 * Adds CRLs, OCSP and CA certificates to a server, in a room of its own: body parsers, errors and cache headers of the
 * rest do not reach in.
 */
export async function addStatusEndpoints(app: FastifyInstance, context: Context, options: StatusOptions = {}): Promise<void> {
  await app.register(async (room) => {
    room.removeAllContentTypeParsers();
    room.addContentTypeParser('application/ocsp-request', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => done(null, body));
    addTextErrors(room, context);
    room.addHook('onRequest', async (_request, reply) => {
      reply.header('x-content-type-options', 'nosniff');
    });
    await room.register(async (reading) => {
      limitReading(reading, context);
      addCrlEndpoints(reading, context, options);
    });
    addOcspEndpoints(room, context, options.metrics ?? new ServerMetrics());
  });
}

/** The listener, not listening yet. `options.parentCrlsDir`: `parent-crls/` of the CA's folder. */
export async function createStatusServer(context: Context, options: StatusOptions = {}): Promise<FastifyInstance> {
  const { limits, onRoute, proxies = NO_PROXIES, metrics = new ServerMetrics() } = options;
  const listener = { name: 'status', limits: { ...STATUS_LIMITS, ...limits }, proxies, metrics, onRoute } as const;
  const app = fastify({
    ...listenerOptions(listener, textRefusal),
    http: nodeLimits(listener.limits),
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: 4096 },
  });
  surround(app, listener, textRefusal);
  addTextNotFound(app);
  await addStatusEndpoints(app, context, options);
  return app;
}
