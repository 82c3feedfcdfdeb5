import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';

export interface Pages<Row> {
  /** undefined: the first page is on its way. */
  readonly rows: readonly Row[] | undefined;
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  readonly showMore: () => void;
  /** Asks anew from the first page on. */
  readonly reload: () => void;
}

/** A list that the CA hands out page by page. `ask` stays the same function as long as it asks for the same list. */
export function usePages<Row>(ask: (after: string | null) => Promise<Result<{ readonly rows: readonly Row[]; readonly next: string | null }>>): Pages<Row> {
  const [rows, setRows] = useState<readonly Row[] | undefined>();
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = useRef(0);
  const load = useCallback(
    async (after: string | null): Promise<void> => {
      const number = ++asked.current;
      const answer = await ask(after);
      // A later question is already on its way.
      if (number !== asked.current) return;
      setFailure(answer.ok ? null : answer.failure);
      if (!answer.ok) return;
      setRows((before) => (after === null ? answer.value.rows : [...(before ?? []), ...answer.value.rows]));
      setNext(answer.value.next);
    },
    [ask],
  );
  useEffect(() => void load(null), [load]);
  return { rows, hasMore: next !== null, failure, showMore: () => void load(next), reload: () => void load(null) };
}
