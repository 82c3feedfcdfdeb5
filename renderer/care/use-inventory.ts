import { useCallback, useEffect, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { SlotView } from '../../core/key-care/inventory-view.ts';
import { call } from '../bridge.ts';
import type { FollowedKey } from '../key/followed-key.ts';

export interface Inventory {
  /** null: being read, or not to be had. */
  readonly slots: readonly SlotView[] | null;
  readonly failure: Failure | null;
  readonly reload: () => void;
}

/**
 * What the slots of a key hold. Some 50 commands, so it is read once while it is looked at, again on demand, and again
 * when the key was away: not whenever the key tells of itself, which reading it may cause.
 */
export function useInventory({ readerName, isPresent }: FollowedKey, isWanted: boolean): Inventory {
  const [slots, setSlots] = useState<readonly SlotView[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const isMissing = isWanted && isPresent && slots === null && failure === null;
  useEffect(() => {
    if (!isMissing || readerName === null) return;
    let isCurrent = true;
    void call('care.inventory', { readerName }).then((answer) => {
      if (!isCurrent) return;
      setSlots(answer.ok ? answer.value : null);
      setFailure(answer.ok ? null : answer.failure);
    });
    return () => {
      isCurrent = false;
    };
  }, [isMissing, readerName]);
  const reload = useCallback(() => {
    setSlots(null);
    setFailure(null);
  }, []);
  useEffect(() => {
    if (!isPresent) reload();
  }, [isPresent, reload]);
  return { slots, failure, reload };
}
