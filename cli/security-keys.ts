import type { SecurityKeys } from '../core/security-key.ts';
import { createSecurityKeys } from '../native/security-keys.ts';

/** Lends the keys of this computer to a piece of work, and lets the readers go afterwards, whatever came of it. */
export async function withSecurityKeys<T>(work: (keys: SecurityKeys) => Promise<T>): Promise<T> {
  const keys = createSecurityKeys();
  try {
    return await work(keys);
  } finally {
    await keys.close();
  }
}
