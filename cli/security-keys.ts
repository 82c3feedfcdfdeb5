import { existsSync } from 'node:fs';
import type { SecurityKeys } from '../core/security-key.ts';
import { createSecurityKeys } from '../native/security-keys.ts';
import type { KeyChoice } from './command.ts';
import { CommandStopped } from './failures.ts';

/**
 * Lends the keys of this computer to a piece of work, and lets the readers go afterwards, whatever came of it. A module
 * that was named and is not there is a slip of the pen, never a reason to take another one: fails with file-unreadable.
 */
export async function withSecurityKeys<T>({ module = 'automatic' }: Pick<KeyChoice, 'module'>, work: (keys: SecurityKeys) => Promise<T>): Promise<T> {
  if (module !== 'automatic' && module !== 'none' && !existsSync(module)) throw new CommandStopped({ kind: 'file-unreadable', path: module, detail: 'ENOENT' });
  const keys = createSecurityKeys({ moduleChoice: module });
  try {
    return await work(keys);
  } finally {
    await keys.close();
  }
}
