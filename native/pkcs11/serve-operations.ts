/**
 * The inside of the process that loads one PKCS#11 module, see module-host.ts. It takes one operation at a time, and tells
 * each PKCS#11 function before it calls it.
 */
import type { OperationMessage, OperationReply } from './operation.ts';
import { performOperation } from './perform-operation.ts';

/** The way to whoever started this process. */
export interface OperationChannel {
  receive(listener: (message: OperationMessage) => void): void;
  /** Resolves when the reply has left this process: what comes next may block or crash it. */
  send(reply: OperationReply): Promise<void>;
}

/** Answers operations from now on, one after the other. */
export async function serveOperations(channel: OperationChannel): Promise<void> {
  let queue: Promise<void> = Promise.resolve();
  channel.receive((message) => {
    queue = queue.then(() => answer(channel, message));
  });
  await channel.send({ kind: 'ready' });
}

async function answer(channel: OperationChannel, { id, operation }: OperationMessage): Promise<void> {
  const outcome = await performOperation(operation, (phase) => channel.send({ kind: 'phase', id, phase }));
  await channel.send({ kind: 'outcome', id, outcome });
}
