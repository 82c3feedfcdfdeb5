import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { PresentSecurityKey, SecurityKeyFacts } from '../../core/security-key.ts';
import { keysSituation, useLive } from '../bridge.ts';
import { keyIdentity } from './key-identity.ts';

export interface FollowedKey {
  /** Where the key is now, or was last. */
  readonly readerName: string | null;
  /** As last read; kept while the key is unplugged, so that its picture stays. */
  readonly facts: SecurityKeyFacts | null;
  readonly isPresent: boolean;
  /** What keeps every key away (the device process ended, the service is missing), or this one (another program). */
  readonly obstacle: Failure | null;
}

/** Follows one key through the readers it is plugged into. */
export function useFollowedKey(identity: string): FollowedKey {
  const situation = useLive(keysSituation);
  const [last, setLast] = useState<Extract<PresentSecurityKey, { readonly kind: 'ready' }> | null>(null);
  const present = situation?.kind === 'present' ? situation.keys : [];
  const found = present.find((key) => keyIdentity(key) === identity);
  const key = found?.kind === 'ready' ? found : last;
  if (key !== last) setLast(key);
  // While it is being read again, or cannot be, its serial is not known; it is the same reader.
  const there = present.find(({ readerName }) => readerName === key?.readerName);
  const obstacle = situation?.kind === 'unavailable' ? situation.failure : there?.kind === 'problem' ? there.failure : null;
  return { readerName: key?.readerName ?? null, facts: key?.facts ?? null, isPresent: found?.kind === 'ready' || there?.kind === 'reading', obstacle };
}
