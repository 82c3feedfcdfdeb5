/**
 * Entry point of the process (or thread) that loads one PKCS#11 module, see module-host.ts. Bundled as a file of its
 * own. It takes one operation at a time, tells each PKCS#11 function before it calls it, and ends with its parent.
 */
import { parentPort } from 'node:worker_threads';
import type { OperationMessage, OperationReply } from './operation.ts';
import { performOperation } from './perform-operation.ts';

const send = replySender();
let queue: Promise<void> = Promise.resolve();

function take(message: OperationMessage): void {
  queue = queue.then(() => answer(message));
}

async function answer({ id, operation }: OperationMessage): Promise<void> {
  const outcome = await performOperation(operation, (phase) => send({ kind: 'phase', id, phase }));
  await send({ kind: 'outcome', id, outcome });
}

/** Resolves when the reply has left this process: what comes next may block or crash it. */
function replySender(): (reply: OperationReply) => Promise<void> {
  const port = parentPort;
  if (port) return async (reply) => port.postMessage(reply);
  return (reply) => new Promise((resolve) => process.send?.(reply, undefined, undefined, () => resolve()) ?? resolve());
}

if (parentPort) parentPort.on('message', take);
else process.on('message', (message) => take(message as OperationMessage)).on('disconnect', () => process.exit(0));
await send({ kind: 'ready' });
