/** Counts what a listener does, for `/metrics`. */
import type { FastifyInstance } from 'fastify';
import type { ListenerName, ServerMetrics } from '../metrics/server-metrics.ts';

/** Of requests that no route takes: their paths are whatever somebody tries. */
const NO_ROUTE = 'none';

/** Adds the counting. Before the routes: those that were added earlier are not seen. */
export function observeRequests(app: FastifyInstance, listener: ListenerName, metrics: ServerMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? NO_ROUTE;
    const labels = { listener, route, method: request.method };
    metrics.requests.add({ ...labels, status: String(reply.statusCode) });
    metrics.durations.observe(labels, reply.elapsedTime / 1000);
    if (reply.statusCode === 429) metrics.limited.add({ listener });
  });
  let open = 0;
  app.server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
  metrics.addGauges(async () => [{ name: `latchkey_${listener}_connections`, help: 'Open connections.', type: 'gauge', samples: [{ value: open }] }]);
}
