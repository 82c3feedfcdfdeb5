/** One way in for every route: limits, parsing, the handler, its answer. Handlers get parsed input and return results. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { toWire } from '../../core/authority-api.ts';
import type { Failure } from '../../core/failures.ts';
import type { OfficerRole } from '../../core/requests/roles.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { stranger, type Actor, type Context } from '../domain/context.ts';
import { hashSecret } from '../domain/invitations.ts';
import { checkRole, type Officer } from '../domain/officers.ts';
import { officerOf } from '../domain/sign-in.ts';
import { limitersOf, type Limiters } from './limiters.ts';
import { isAnswerable, problemAnswer } from './problems.ts';

/** What a handler knows of the request. */
export interface Input<Body> {
  readonly body: Body;
  /** Parts of the path, such as `id`. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Who asks and from where, for the audit log. */
  readonly actor: Actor;
  /** The bearer token; empty: none. */
  readonly token: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

type Handler<Body> = (input: Input<Body>) => Promise<Result<Answer>>;

interface Route<Body> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:id` where the path varies. */
  readonly url: string;
  /** Parser of the body; endpoints without one take none. */
  readonly body?: z.ZodType<Body>;
  readonly isSubmission?: boolean;
  /** It takes a secret that could be guessed at. */
  readonly takesSecret?: boolean;
  /** Where it takes more than others. */
  readonly bodyLimitBytes?: number;
  /** The code of an invitation in the body: each may be tried so often, from wherever. */
  readonly invitationCodeIn?: (body: Body) => string | undefined;
}

export interface Endpoint<Body> extends Route<Body> {
  readonly handle: Handler<Body>;
}

/** As {@link Endpoint}, for officers who are signed in. */
export interface OfficerEndpoint<Body> extends Route<Body> {
  readonly handle: (input: Input<Body>, officer: Officer) => Promise<Result<Answer>>;
}

export interface Endpoints {
  forAnybody<Body = undefined>(endpoint: Endpoint<Body>): void;
  /** For this role and those above it. Answers not-signed-in and not-allowed before it reads anything else. */
  forRole<Body = undefined>(role: OfficerRole, endpoint: OfficerEndpoint<Body>): void;
}

const tooMany = (retryAfterSeconds: number): Result<never> => failed({ kind: 'too-many-requests', retryAfterSeconds });

function checkLimits<Body>(limiters: Limiters, endpoint: Route<Body>, from: string): Result<void> {
  const waits = [
    limiters.requests.take(from),
    endpoint.isSubmission === true ? limiters.submissions.take(from) : 0,
    endpoint.takesSecret === true ? limiters.wrongGuesses.peek(from) : 0,
  ];
  const wait = Math.max(...waits);
  return wait > 0 ? tooMany(wait) : success(undefined);
}

function bearerToken(request: FastifyRequest): string {
  return /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function parseBody<Body>(endpoint: Route<Body>, body: unknown): Result<Body> {
  if (endpoint.body === undefined) return success(undefined as Body);
  const parsed = endpoint.body.safeParse(body);
  if (parsed.success) return success(parsed.data);
  const [issue] = parsed.error.issues;
  return failed({ kind: 'request-malformed', detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`.slice(0, 200) });
}

function isWrongGuess(failure: Failure): boolean {
  return failure.kind === 'invitation-unknown' || (failure.kind === 'sign-in-rejected' && failure.reason !== 'challenge' && failure.reason !== 'expired');
}

/** Sends a failure as problem+json. */
export function sendProblem(reply: FastifyReply, failure: Failure): FastifyReply {
  if (!isAnswerable(failure)) throw new Error(`A CA does not answer with ${failure.kind}.`);
  const problem = problemAnswer(failure);
  return reply.code(problem.status).headers({ ...problem.headers }).send(problem.body);
}

function checkInvitationLimit<Body>(limiters: Limiters, route: Route<Body>, body: Body): Result<void> {
  const code = route.invitationCodeIn?.(body);
  const wait = code === undefined ? 0 : limiters.invitations.take(hashSecret(code));
  return wait > 0 ? tooMany(wait) : success(undefined);
}

function actorOf(request: FastifyRequest, officer: Officer | undefined): Actor {
  const nobody = stranger(request.ip, request.id);
  return officer === undefined ? nobody : { ...nobody, name: officer.name, serialNumber: officer.serialNumber };
}

interface Served<Body> {
  readonly route: Route<Body>;
  readonly handle: Handler<Body>;
  readonly officer: Officer | undefined;
}

/** Runs the handler on the parsed input and sends what comes out. */
async function answer<Body>({ route, handle, officer }: Served<Body>, limiters: Limiters, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = parseBody(route, request.body);
  if (!body.ok) return sendProblem(reply, body.failure);
  const withinLimit = checkInvitationLimit(limiters, route, body.value);
  if (!withinLimit.ok) return sendProblem(reply, withinLimit.failure);
  const path = request.params as Readonly<Record<string, string>>;
  const query = request.query as Readonly<Record<string, unknown>>;
  const result = await handle({ body: body.value, path, query, actor: actorOf(request, officer), token: bearerToken(request) });
  if (!result.ok) {
    if (isWrongGuess(result.failure)) limiters.wrongGuesses.take(request.ip);
    return sendProblem(reply, result.failure);
  }
  const { status = 200, headers = {}, body: content } = result.value;
  if (content === undefined) return reply.code(204).send();
  return reply.code(status).headers({ ...headers }).send(toWire(content));
}

type Allow = (request: FastifyRequest) => Promise<Result<void>>;
const anybody: Allow = async () => success(undefined);

/** What adds endpoints to an HTTP server. */
export function endpointsOf(app: FastifyInstance, context: Context): Endpoints {
  const limiters = limitersOf(context);
  const officers = new WeakMap<FastifyRequest, Officer>();
  function add<Body>(route: Route<Body>, allow: Allow, handlerOf: (officer: Officer | undefined) => Handler<Body>): void {
    app.route({
      method: route.method,
      url: route.url,
      ...(route.bodyLimitBytes === undefined ? {} : { bodyLimit: route.bodyLimitBytes }),
      // Before the body is read: a flood, or a stranger, costs as little as it can.
      onRequest: async (request, reply) => {
        const withinLimits = checkLimits(limiters, route, request.ip);
        const allowed = withinLimits.ok ? await allow(request) : withinLimits;
        return allowed.ok ? undefined : sendProblem(reply, allowed.failure);
      },
      handler: (request, reply) => {
        const officer = officers.get(request);
        return answer({ route, handle: handlerOf(officer), officer }, limiters, request, reply);
      },
    });
  }
  function signedIn(role: OfficerRole): Allow {
    return async (request) => {
      const officer = await officerOf(context, bearerToken(request));
      if (!officer.ok) return officer;
      officers.set(request, officer.value);
      return checkRole(officer.value, role);
    };
  }
  return {
    forAnybody: (endpoint) => add(endpoint, anybody, () => endpoint.handle),
    forRole: (role, endpoint) =>
      add(endpoint, signedIn(role), (officer) => {
        if (officer === undefined) throw new Error('An officer’s endpoint was reached without one.');
        return (input) => endpoint.handle(input, officer);
      }),
  };
}
