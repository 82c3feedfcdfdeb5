/** Errors as plain text, for listeners whose readers are programs that show the body. */
import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { Context } from '../domain/context.ts';
import type { Refuse } from './refusals.ts';

const TEXT = 'text/plain; charset=utf-8';

/** A refusal that no endpoint makes. */
export const textRefusal: Refuse = (_status, detail) => ({ contentType: TEXT, body: `${detail}\n` });

/** What is nowhere, what was asked in a wrong way, and bugs: those are logged whole and shown as an id. */
export function addTextErrors(app: FastifyInstance, context: Context): void {
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    reply.header('content-type', TEXT).header('cache-control', 'no-store');
    if (status >= 400 && status < 500) return reply.code(status).send(`${error.code}\n`);
    const id = randomUUID();
    context.log('error', 'unexpected-failure', { id, error: error.stack ?? String(error) });
    return reply.code(500).send(`Something went wrong here; ${id} finds it in the log.\n`);
  });
}

/** The answer where nothing is. */
export function addTextNotFound(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).header('content-type', TEXT).send('Nothing is here.\n'));
}
