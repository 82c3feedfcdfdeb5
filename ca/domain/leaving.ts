/** What a person who leaves has under way beside certificates: requests that wait, and invitations that somebody could still use. */
import type { Rows, StoredInvitation, StoreReader, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Actor } from './context.ts';
import type { Officer } from './officers.ts';
import { isSameEmail } from './same-person.ts';

const PAGE = 500;

/** Every row of a list that is searched page by page. */
async function all<T>(page: (after: string | undefined) => Promise<Rows<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  for (let after: string | undefined; ; ) {
    const { rows, next } = await page(after);
    found.push(...rows);
    if (next === null) return found;
    after = next;
  }
}

export interface UnderWay {
  readonly requestIds: readonly string[];
  readonly invitations: readonly StoredInvitation[];
}

/** Requests that wait and invitations that are not ended, of this e-mail address (compared without case). */
export async function underWay(rows: StoreReader, email: string): Promise<UnderWay> {
  const search = email.toLowerCase();
  const requests = await all((after) => rows.requests({ list: 'pending', search, after, limit: PAGE }));
  const invitations = await all((after) => rows.invitations({ search, after, limit: PAGE }));
  return {
    requestIds: requests.filter(({ request }) => isSameEmail(request.claimed.email, email)).map(({ request }) => request.id),
    invitations: invitations.filter((invitation) => isSameEmail(invitation.email, email) && invitation.endedAt === null),
  };
}

/** Denies those requests and ends those invitations, inside the caller's transaction. */
export async function endUnderWay(rows: StoreWriter, { requestIds, invitations }: UnderWay, officer: Officer, actor: Actor, at: Date): Promise<void> {
  for (const id of requestIds) {
    await rows.changeStatus(id, 'pending', 'denied', { by: officer.name, at, reason: null });
    await record(rows, { event: 'request-denied', actor, at, subject: id, facts: { because: 'person-leaves' } });
  }
  for (const { id, name } of invitations) {
    if (await rows.endInvitation(id, at)) await record(rows, { event: 'invitation-ended', actor, at, subject: id, facts: { name } });
  }
}
