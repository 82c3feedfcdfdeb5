/** What surrounds the endpoints of every listener: limits, whose word is taken for the client's address, what is counted. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isIP, type Server, type Socket } from 'node:net';
import type { ListenerName, ServerMetrics } from '../metrics/server-metrics.ts';
import { observeRequests } from './observation.ts';
import { subscriber } from './rate-limits.ts';
import { answerClientError, refuseOtherProtocols, sendRefusal, type Refuse } from './refusals.ts';
import type { ServerLimits } from './server-limits.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export interface ListenerOptions {
  readonly name: ListenerName;
  readonly limits: ServerLimits;
  readonly proxies: TrustedProxies;
  readonly metrics: ServerMetrics;
  /** Hears of every route as it is added: for tests that leave none out. */
  readonly onRoute?: RouteHeard | undefined;
}

export type RouteHeard = (listener: ListenerName, method: string, url: string) => void;

/** For fastify, besides what is only for TLS. */
export function listenerOptions({ name, limits, proxies, metrics }: ListenerOptions, refuse: Refuse) {
  const { requestMs, keepAliveMs } = limits;
  return {
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    logger: false,
    // An answer that is under way is finished at the end, idle connections are closed.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    trustProxy: (address: string) => proxies.has(address),
    clientErrorHandler: (error: Error & { readonly code?: string }, socket: Socket) => answerClientError(error, socket, refuse, (reason) => metrics.refusedConnections.add({ listener: name, reason })),
    // Addresses that no router can take apart.
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => void sendRefusal(reply, error.statusCode ?? 400, refuse(error.statusCode ?? 400, error.code)),
  } as const;
}

/** The header that no endpoint should have to look at; undefined: all is well. */
function wrongHeader({ raw, headers, ip }: FastifyRequest): string | undefined {
  if (raw.httpVersion !== '1.0' && headers.host === undefined) return 'Host';
  // A proxy that hands on what its own client made up: it would be in the audit log, and have a rate limit of its own.
  return isIP(ip) === 0 ? 'X-Forwarded-For' : undefined;
}

/** Adds what the running server does. Before the routes. */
export function surround(app: FastifyInstance, options: ListenerOptions, refuse: Refuse): void {
  app.addHook('onRoute', ({ method, url }) => [method].flat().forEach((each) => options.onRoute?.(options.name, each, url)));
  app.addHook('onRequest', async (request, reply) => {
    const wrong = wrongHeader(request);
    return wrong === undefined ? undefined : sendRefusal(reply, 400, refuse(400, wrong));
  });
  limitConnections(app.server, options);
  refuseOtherProtocols(app.server, refuse);
  limitAnswers(app, options.limits);
  observeRequests(app, options.name, options.metrics);
}

/** Whoever has too many connections gets no more, whoever else waits. */
function limitConnections(server: Server, { name, limits, proxies, metrics }: ListenerOptions): void {
  const open = new Map<string, number>();
  const refused = (reason: string): void => metrics.refusedConnections.add({ listener: name, reason });
  server.maxConnections = limits.connections;
  server.on('drop', () => refused('all'));
  server.on('tlsClientError', () => refused('tls'));
  // For HTTPS too it is the bare connection, before TLS costs anything.
  server.on('connection', (socket) => {
    const from = socket.remoteAddress ?? '';
    if (proxies.has(from)) return;
    const key = subscriber(from);
    const count = (open.get(key) ?? 0) + 1;
    if (count > limits.connectionsPerAddress) {
      refused('address');
      socket.destroy();
      return;
    }
    open.set(key, count);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    });
  });
}

/** Whoever asks and does not read is cut off. */
function limitAnswers(app: FastifyInstance, { answerMs }: ServerLimits): void {
  app.addHook('onSend', async (_request, reply) => {
    const timer = setTimeout(() => reply.raw.socket?.destroy(), answerMs);
    timer.unref();
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
