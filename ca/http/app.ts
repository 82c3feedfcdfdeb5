/** The HTTPS server: what surrounds the endpoints. */
import { randomUUID } from 'node:crypto';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { MAX_BODY_BYTES } from '../../core/authority-api.ts';
import type { Failure } from '../../core/failures.ts';
import { writePem } from '../../core/x509/pem.ts';
import type { Context } from '../domain/context.ts';
import { AuthorityKeyUnavailable } from '../keys/authority-key.ts';
import { addApplicantEndpoints } from './applicant-endpoints.ts';
import { addApproverEndpoints } from './approver-endpoints.ts';
import { endpointsOf, sendProblem } from './endpoint.ts';
import { addHealthEndpoints } from './health-endpoints.ts';
import { listenerOptions, surround, type ListenerOptions } from './listener.ts';
import { problemAnswer } from './problems.ts';
import type { Refuse } from './refusals.ts';
import { nodeLimits } from './server-limits.ts';
import { addSigningEndpoints } from './signing-endpoints.ts';

/** PEM. */
export interface TlsIdentity {
  readonly key: string;
  /** The server's certificate and, after it, the CA's: who connects for the first time can look at it. */
  readonly certificates: string;
}

export const TLS_MIN_VERSION = 'TLSv1.2';

/**
 * What TLS is told. A client certificate is asked for and not wanted: EST clients renew with theirs, and whether it is one of
 * ours that is good is looked up in the store, not left to TLS.
 */
export function tlsOptions(context: Context, { key, certificates }: TlsIdentity) {
  const ca = [context.authority, ...context.formerAuthorities].flatMap(({ chain }) => chain.map(({ der }) => writePem(der, 'CERTIFICATE')));
  return { key, cert: certificates, ca, requestCert: true, rejectUnauthorized: false, minVersion: TLS_MIN_VERSION } as const;
}

/** A refusal that fastify itself makes, as one of our failures; undefined: a bug. */
function refusal(error: FastifyError): Failure | undefined {
  const status = error.statusCode ?? 500;
  if (status === 413) return { kind: 'request-too-large', limitBytes: MAX_BODY_BYTES };
  if (status === 415) return { kind: 'request-malformed', detail: 'content type: application/json is wanted' };
  return status >= 400 && status < 500 ? { kind: 'request-malformed', detail: error.code } : undefined;
}

/** A refusal that no endpoint makes, as problem+json. */
const problemRefusal: Refuse = (status, detail) => {
  const { headers, body } = problemAnswer({ kind: 'request-malformed', detail });
  return { contentType: headers['content-type'] ?? '', body: JSON.stringify({ ...body, status }) };
};

async function sendError(context: Context, error: FastifyError, reply: FastifyReply): Promise<FastifyReply> {
  const known = refusal(error);
  if (known) return sendProblem(reply, known);
  if (error instanceof AuthorityKeyUnavailable) {
    context.log('error', 'authority-key-unavailable', { failure: error.failure.kind });
    return sendProblem(reply, { kind: 'authority-locked' });
  }
  const id = randomUUID();
  context.log('error', 'unexpected-failure', { id, error: error.stack ?? String(error) });
  return sendProblem(reply, { kind: 'unexpected', id });
}

/** JSON and nothing else; an empty body is none, whatever its content type says. */
function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body as string, done);
  });
}

function logRequests(app: FastifyInstance, context: Context): void {
  app.addHook('onResponse', async (request, reply) => {
    // The route, not the URL: in the URL is the request's id, which is its applicant's secret.
    const route = request.routeOptions.url ?? 'unknown';
    context.log('info', 'http', { id: request.id, method: request.method, route, status: reply.statusCode, from: request.ip, ms: Math.round(reply.elapsedTime) });
  });
}

/** The server with all its endpoints, not listening yet. */
export function createApp(context: Context, tls: TlsIdentity, listener: ListenerOptions): FastifyInstance {
  const app = fastify({
    ...listenerOptions(listener, problemRefusal),
    https: { ...tlsOptions(context, tls), ...nodeLimits(listener.limits) },
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => randomUUID(),
  }) as unknown as FastifyInstance;
  surround(app, listener, problemRefusal);
  acceptJsonOnly(app);
  logRequests(app, context);
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': request.id });
    // Otherwise a connection whose last answer is on its way now would keep the server from ending until it idles out.
    if (isClosing) reply.header('connection', 'close');
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => sendError(context, error, reply));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).header('content-type', 'application/problem+json').send({ type: 'about:blank', title: 'Nothing is here', status: 404 }),
  );
  const endpoints = endpointsOf(app, context);
  addApplicantEndpoints(endpoints, context);
  addApproverEndpoints(endpoints, context);
  addSigningEndpoints(endpoints, context);
  addHealthEndpoints(app, context, () => isClosing);
  return app;
}
