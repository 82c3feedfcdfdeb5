/** The plain HTTP listener for Prometheus. One of its own: what it tells is for whoever runs the CA, not for the public. */
import { fastify, type FastifyInstance } from 'fastify';
import type { Context } from '../domain/context.ts';
import { exposition, EXPOSITION_TYPE } from '../metrics/exposition.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import { listenerOptions, surround } from './listener.ts';
import { METRICS_LIMITS, nodeLimits } from './server-limits.ts';
import { addTextErrors, addTextNotFound, textRefusal } from './text-errors.ts';
import { NO_PROXIES } from './trusted-proxies.ts';

/** The listener, not listening yet: GET `/metrics`. */
export function createMetricsServer(context: Context, metrics: ServerMetrics): FastifyInstance {
  const options = { name: 'metrics', limits: METRICS_LIMITS, proxies: NO_PROXIES, metrics } as const;
  const app = fastify({ ...listenerOptions(options, textRefusal), http: nodeLimits(METRICS_LIMITS) });
  surround(app, options, textRefusal);
  addTextErrors(app, context);
  addTextNotFound(app);
  app.get('/metrics', async (_request, reply) => {
    const text = exposition(await metrics.families());
    return reply.header('content-type', EXPOSITION_TYPE).header('cache-control', 'no-store').send(text);
  });
  return app;
}
