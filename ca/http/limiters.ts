/** The rate limits of a process: the same ones at every door, as the policy has them now. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../domain/context.ts';
import type { Policy } from '../domain/policy.ts';
import { RateLimiter } from './rate-limits.ts';

export interface Limiters {
  readonly requests: RateLimiter;
  readonly submissions: RateLimiter;
  readonly wrongGuesses: RateLimiter;
  /** By the hash of an invitation's code. */
  readonly invitations: RateLimiter;
}

const known = new WeakMap<Context, Limiters>();

/** Those of this CA; who asks at two doors does not get twice as much. */
export function limitersOf(context: Context): Limiters {
  const now = () => context.clock().getTime();
  const limiter = (name: keyof Policy['limits']): RateLimiter => new RateLimiter(() => context.policy.limits[name], now);
  const limiters = known.get(context) ?? { requests: limiter('requests'), submissions: limiter('submissions'), wrongGuesses: limiter('wrongGuesses'), invitations: limiter('perInvitation') };
  known.set(context, limiters);
  return limiters;
}

/** Limits everything in a room that answers in text; what has an answer of its own to too many stays outside. */
export function limitReading(room: FastifyInstance, context: Context): void {
  const { requests } = limitersOf(context);
  room.addHook('onRequest', async (request, reply) => {
    const wait = requests.take(request.ip);
    if (wait === 0) return undefined;
    return reply.code(429).headers({ 'retry-after': String(wait), 'cache-control': 'no-store' }).type('text/plain; charset=utf-8').send('Too many requests.\n');
  });
}
