/**
 * The plain HTTP listener for what everybody may read: CRLs, OCSP, CA certificates. Each is signed; HTTPS would make
 * whoever checks a certificate check another one first (RFC 5280, section 8).
 */
import { randomUUID } from 'node:crypto';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import type { Context } from '../domain/context.ts';
import { addCrlEndpoints, type CrlEndpointOptions } from './crl-endpoints.ts';
import { addOcspEndpoints } from './ocsp-endpoints.ts';

/** What keeps a slow or greedy sender from holding the server. Answers are small or cached: nobody needs long. */
const LIMITS = {
  /** An OCSP request with a hundred certificates in it. */
  bodyBytes: 16 * 1024,
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 30_000,
  connections: 4_000,
} as const;

function addErrors(app: FastifyInstance, context: Context): void {
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    reply.header('content-type', 'text/plain; charset=utf-8').header('cache-control', 'no-store');
    if (status >= 400 && status < 500) return reply.code(status).send(`${error.code}\n`);
    const id = randomUUID();
    context.log('error', 'unexpected-failure', { id, error: error.stack ?? String(error) });
    return reply.code(500).send(`Something went wrong here; ${id} finds it in the log.\n`);
  });
}

/**
 * Adds CRLs, OCSP and CA certificates to a server, in a room of its own: body parsers, errors and cache headers of the
 * rest do not reach in.
 */
export async function addStatusEndpoints(app: FastifyInstance, context: Context, options: CrlEndpointOptions = {}): Promise<void> {
  await app.register(async (room) => {
    room.removeAllContentTypeParsers();
    room.addContentTypeParser('application/ocsp-request', { parseAs: 'buffer', bodyLimit: LIMITS.bodyBytes }, (_request, body, done) => done(null, body));
    addErrors(room, context);
    room.addHook('onRequest', async (_request, reply) => {
      reply.header('x-content-type-options', 'nosniff');
    });
    addCrlEndpoints(room, context, options);
    addOcspEndpoints(room, context);
  });
}

/** The listener, not listening yet. `options.parentCrlsDir`: `parent-crls/` of the CA's folder. */
export async function createStatusServer(context: Context, options: CrlEndpointOptions = {}): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 4096 },
  });
  app.server.headersTimeout = LIMITS.headersMs;
  app.server.maxConnections = LIMITS.connections;
  app.setNotFoundHandler((_request, reply) => reply.code(404).header('content-type', 'text/plain; charset=utf-8').send('Nothing is here.\n'));
  await addStatusEndpoints(app, context, options);
  return app;
}
