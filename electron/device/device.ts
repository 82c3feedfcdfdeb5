/**
 * The device process: the only one of ours that loads the drivers of smart cards, and whatever they do to it, main lives
 * on (electron/main/device-client.ts). Vendors' PKCS#11 modules have processes of their own (module-hosts.ts).
 */
import type { Result } from '../../core/result.ts';
import type { SecurityKey, SecurityKeysSituation } from '../../core/security-key.ts';
import { createSecurityKeys } from '../../native/security-keys.ts';
import type { FromDevice, FromModules, ToDevice, ToModules } from './messages.ts';
import { ModuleHosts } from './module-hosts.ts';

type Call = Extract<ToDevice, { kind: 'call' }>;
type KeysCall = Extract<ToDevice, { kind: 'keys-call' }>;

const port = process.parentPort;
const tell = (message: FromDevice | ToModules): void => port.postMessage(message);
const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const modules = new ModuleHosts(tell);
const [, , moduleChoice] = process.argv;
const keys = createSecurityKeys({
  moduleChoice,
  pkcs11: { startHost: modules.start },
});
/** By the handle that main has for them: a handle goes on meaning the key it first met, wherever that is plugged in. */
const known = new Map<number, SecurityKey>();
let situation: SecurityKeysSituation = { kind: 'starting' };

keys.watch((next) => {
  situation = next;
  tell({ kind: 'situation', situation });
});

process.on('unhandledRejection', (error) => tell({ kind: 'bug', id: null, description: describe(error) }));
port.on('message', ({ data }: { data: ToDevice | FromModules }) => {
  switch (data.kind) {
    case 'call':
      return void answer(data, () => performOn(keyOf(data), data));
    case 'keys-call':
      return void answer(data, () => perform(keys, data.name, data.args));
    case 'refresh':
      return keys.refresh();
    case 'module-reply':
    case 'module-exit':
      return modules.hear(data);
    case 'close':
      return void keys.close().finally(() => process.exit(0));
  }
});

async function answer(call: Call | KeysCall, work: () => Promise<Result<unknown>>): Promise<void> {
  try {
    tell({ kind: 'answer', id: call.id, result: await work() });
  } catch (error) {
    tell({ kind: 'bug', id: call.id, description: `${call.name}: ${describe(error)}` });
  }
}

/** Kept from when the key has been read: before that, only its reader is known. */
function keyOf({ handle, readerName }: Call): SecurityKey {
  const key = known.get(handle) ?? keys.at(readerName);
  const isRead = situation.kind === 'present' && situation.keys.some((present) => present.readerName === readerName && present.kind === 'ready');
  if (isRead) known.set(handle, key);
  return key;
}

/** The callback of sign and prove does not cross processes: its activity goes back as messages. */
function performOn(key: SecurityKey, { id, name, args }: Call): Promise<Result<unknown>> {
  const onActivity: Parameters<SecurityKey['sign']>[2] = (activity) => tell({ kind: 'activity', id, activity });
  const extra = name === 'sign' || name === 'prove' ? [onActivity] : [];
  return perform(key, name, [...args, ...extra]);
}

/** Main's end has typed the arguments (key-calls.ts). */
function perform<Name extends string>(port: Readonly<Record<Name, unknown>>, name: Name, args: readonly unknown[]): Promise<Result<unknown>> {
  const method = port[name] as (...all: readonly unknown[]) => Promise<Result<unknown>>;
  return method.call(port, ...args);
}
