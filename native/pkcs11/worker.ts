/** Entry point of a module's process where plain Node forks it. Bundled as a file of its own. It ends with its parent. */
import type { OperationMessage } from './operation.ts';
import { serveOperations } from './serve-operations.ts';

process.on('disconnect', () => process.exit(0));
await serveOperations({
  receive: (listener) => void process.on('message', (message) => listener(message as OperationMessage)),
  send: (reply) => new Promise((resolve) => process.send?.(reply, undefined, undefined, () => resolve()) ?? resolve()),
});
