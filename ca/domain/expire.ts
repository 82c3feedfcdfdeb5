/** Ending requests that nobody decided in time. Background work calls it. */
import { record } from './audit.ts';
import { AUTHORITY_ACTOR, type Context } from './context.ts';

/** In one transaction; more are left for the next one. */
const AT_ONCE = 100;

type Ending = Pick<Context, 'store' | 'clock' | 'log'>;

async function expireSome(context: Ending): Promise<number> {
  const at = context.clock();
  return context.store.write(async (rows) => {
    const ids = await rows.expiredRequests(at, AT_ONCE);
    for (const id of ids) {
      await rows.changeStatus(id, 'pending', 'expired', { by: AUTHORITY_ACTOR.name, at, reason: null });
      await record(rows, { event: 'request-expired', actor: AUTHORITY_ACTOR, at, subject: id });
    }
    return ids.length;
  });
}

/** Ends every pending request whose time is over; answers how many. */
export async function expireRequests(context: Ending): Promise<number> {
  let ended = 0;
  for (let some = AT_ONCE; some === AT_ONCE; ended += some) some = await expireSome(context);
  if (ended > 0) context.log('info', 'requests-expired', { ended });
  return ended;
}
