import { useCallback, useRef, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';

/** One act on a key, as its screen follows it. */
export interface CareWork<Value> {
  readonly isBusy: boolean;
  /** Why the last try did not work. */
  readonly failure: Failure | null;
  /** How it ended well. */
  readonly outcome: { readonly value: Value } | null;
  /** Nothing while a try is under way: a double click sends once, so no attempt is spent twice. */
  readonly send: (act: () => Promise<Result<Value>>) => void;
  /** Back to the form. */
  readonly dismiss: () => void;
}

export function useCareWork<Value>(): CareWork<Value> {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [outcome, setOutcome] = useState<{ readonly value: Value } | null>(null);
  const isUnderWay = useRef(false);
  const send = useCallback(async (act: () => Promise<Result<Value>>): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setFailure(null);
    const result = await act();
    isUnderWay.current = false;
    setBusy(false);
    if (result.ok) setOutcome({ value: result.value });
    else setFailure(result.failure);
  }, []);
  return { isBusy, failure, outcome, send: (act) => void send(act), dismiss: useCallback(() => setFailure(null), []) };
}
