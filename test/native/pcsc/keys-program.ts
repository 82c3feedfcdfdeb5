/** Our engine in a process of its own, for tests that stop it: it tells every situation, and makes the calls it is told. */
import type { Result } from '../../../core/result.ts';
import type { SecurityKey, SecurityKeys, SecurityKeysSituation } from '../../../core/security-key.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';

/** What the program can be told: to make a handle by a reader's name, to use it, to read anew. */
export type KeysCommand =
  | { readonly do: 'take'; readonly handle: string; readonly readerName: string }
  | { readonly do: 'verify'; readonly handle: string; readonly pin: string }
  | { readonly do: 'sign'; readonly handle: string; readonly pin: string }
  | { readonly do: 'refresh' };

export type KeysReport = { readonly situation: SecurityKeysSituation } | { readonly answer: Result<unknown> };

const tell = (report: KeysReport): void => void process.send?.(report);
const handles = new Map<string, SecurityKey>();
/** Short, so that they are over while the process is stopped, if they count that time. */
const keys: SecurityKeys = createSecurityKeys({ moduleChoice: 'none', limits: { connectMilliseconds: 1000, commandMilliseconds: 1500 } });
keys.watch((situation) => tell({ situation }));
process.on('message', (command) => void obey(command as KeysCommand).then((answer) => tell({ answer })));
process.on('disconnect', () => process.exit(0));

async function obey(command: KeysCommand): Promise<Result<unknown>> {
  switch (command.do) {
    case 'take':
      handles.set(command.handle, keys.at(command.readerName));
      return { ok: true, value: null };
    case 'verify':
      return handleOf(command.handle).verifyPin(command.pin);
    case 'sign':
      return handleOf(command.handle).sign(command.pin, new TextEncoder().encode('message'));
    case 'refresh':
      keys.refresh();
      return { ok: true, value: null };
  }
}

function handleOf(name: string): SecurityKey {
  const key = handles.get(name);
  if (!key) throw new Error(`no handle ${name}`);
  return key;
}
