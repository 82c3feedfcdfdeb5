/**
 * The device process: the only one of ours that loads smart card drivers and vendor modules. Whatever they do to it,
 * main lives on (electron/main/device-client.ts).
 */
import { createSecurityKeys } from '../../native/security-keys.ts';
import type { SecurityKey } from '../../core/security-key.ts';
import type { Result } from '../../core/result.ts';
import type { FromDevice, ToDevice } from './messages.ts';

type Call = Extract<ToDevice, { kind: 'call' }>;

const port = process.parentPort;
const tell = (message: FromDevice): void => port.postMessage(message);
const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

process.on('unhandledRejection', (error) => tell({ kind: 'bug', id: null, description: describe(error) }));

const keys = createSecurityKeys();
keys.watch((situation) => tell({ kind: 'situation', situation }));

port.on('message', ({ data }: { data: ToDevice }) => {
  switch (data.kind) {
    case 'call':
      return void answer(data);
    case 'close':
      return void keys.close().finally(() => process.exit(0));
  }
});

async function answer(call: Call): Promise<void> {
  try {
    const result = await perform(keys.at(call.readerName), call);
    tell({ kind: 'answer', id: call.id, result });
  } catch (error) {
    tell({ kind: 'bug', id: call.id, description: `${call.name}: ${describe(error)}` });
  }
}

/** The callback of sign and prove does not cross processes: its activity goes back as messages. */
function perform(key: SecurityKey, { id, name, args }: Call): Promise<Result<unknown>> {
  const onActivity: Parameters<SecurityKey['sign']>[2] = (activity) => tell({ kind: 'activity', id, activity });
  const extra = name === 'sign' || name === 'prove' ? [onActivity] : [];
  const method = key[name] as (...all: readonly unknown[]) => Promise<Result<unknown>>;
  return method.call(key, ...args, ...extra);
}
