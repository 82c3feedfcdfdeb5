/** Whether the process lives, and whether it can do its work: for load balancers and service managers. Says nothing else. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../domain/context.ts';

/** A store that is slower than this is none. */
const STORE_MS = 5_000;

async function answers(context: Context): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STORE_MS);
  });
  try {
    return await Promise.race([context.store.read(async (rows) => (await rows.requestCounts()).pending >= 0), tooSlow]);
  } catch (error) {
    context.log('error', 'not-ready', { error: String(error) });
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Adds `/healthz` (200 while the process answers) and `/readyz` (503 where the store does not answer, or the server ends). */
export function addHealthEndpoints(app: FastifyInstance, context: Context, isClosing: () => boolean): void {
  app.get('/healthz', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'));
  app.get('/readyz', async (_request, reply) => {
    const isReady = !isClosing() && (await answers(context));
    return reply.code(isReady ? 200 : 503).type('text/plain; charset=utf-8').send(isReady ? 'ready\n' : 'not ready\n');
  });
}
