/** Apart from known-keys.ts, so that the window, which shows them, need not load its parser. Pure. */
import type { KnownKey } from './known-keys.ts';

/** The keys of one person at one CA, the first enrolled first: that one is the key, the others are its backups. */
export function keysOfSamePerson(keys: readonly KnownKey[], serial: number): readonly KnownKey[] {
  const one = keys.find((key) => key.serial === serial);
  if (one === undefined) return [];
  const isSame = (key: KnownKey): boolean => key.name === one.name && key.email === one.email && key.authorityName === one.authorityName;
  return keys.filter(isSame).toSorted((a, b) => a.enrolledAt.getTime() - b.enrolledAt.getTime());
}
