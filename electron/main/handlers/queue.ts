import type { CallName } from '../../../core/ipc.ts';
import { success } from '../../../core/result.ts';
import type { Handlers } from '../ipc-serve.ts';
import type { QueueSession } from '../queue-session.ts';

type QueueCalls = Extract<CallName, `queue.${string}`>;

export function queueHandlers(queue: QueueSession): Pick<Handlers, QueueCalls> {
  return {
    'queue.view': () => success(queue.view),
    'queue.signIn': ({ readerName, pin }) => queue.signIn(readerName, pin),
    'queue.signOut': async () => {
      await queue.signOut();
      return success(null);
    },
    'queue.requests': (query) => queue.ask((session) => session.requests(defined(query))),
    'queue.request': ({ requestId }) => queue.ask((session) => session.request(requestId)),
    'queue.decide': ({ decisions, pin }) => queue.decide(decisions, pin),
    'queue.certificates': (query) => queue.ask((session) => session.certificates(defined(query))),
    'queue.invitations': (query) => queue.ask((session) => session.invitations(defined(query))),
    'queue.invite': (wanted) => queue.ask((session) => session.invite(wanted)),
    'queue.endInvitation': ({ invitationId }) => queue.ask((session) => session.endInvitation(invitationId)),
    'queue.officers': () => queue.ask((session) => session.officers()),
    'queue.setRole': ({ serialNumber, role }) => queue.ask((session) => session.setRole(serialNumber, role)),
    'queue.audit': (query) => queue.ask((session) => session.audit(defined(query))),
    'queue.profiles': () => queue.ask((session) => session.profiles()),
  };
}

/** Fields that are there; the parsers of IPC say undefined for those that are not. */
type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

function defined<T extends object>(query: T): Defined<T> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Defined<T>;
}
