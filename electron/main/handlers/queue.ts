import { success } from '../../../core/result.ts';
import type { Handlers } from '../ipc-serve.ts';
import type { QueueSession } from '../queue-session.ts';

type QueueCalls = 'queue.view' | 'queue.signIn' | 'queue.signOut' | 'queue.approve' | 'queue.deny';

export function queueHandlers(queue: QueueSession): Pick<Handlers, QueueCalls> {
  return {
    'queue.view': () => success(queue.view),
    'queue.signIn': ({ readerName, pin }) => queue.signIn(readerName, pin),
    'queue.signOut': async () => {
      await queue.signOut();
      return success(null);
    },
    'queue.approve': ({ requestId }) => queue.approve(requestId),
    'queue.deny': ({ requestId, reason }) => queue.deny(requestId, reason),
  };
}
