/** Entry point of a PKCS#11 module's process in Electron, see native/pkcs11/module-host.ts. */
import type { OperationMessage } from '../../native/pkcs11/operation.ts';
import { serveOperations } from '../../native/pkcs11/serve-operations.ts';

const port = process.parentPort;
await serveOperations({
  receive: (listener) => void port.on('message', ({ data }: { data: OperationMessage }) => listener(data)),
  // Written to the pipe before it returns.
  send: async (reply) => port.postMessage(reply),
});
