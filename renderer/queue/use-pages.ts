import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';

/** As many rows as are asked for at a time. */
export const PAGE_ROWS = 100;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** null: no more. */
  readonly next: string | null;
}

export interface Pages<Row> {
  /** undefined: the first page is on its way. */
  readonly rows: readonly Row[] | undefined;
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  readonly showMore: () => void;
  /** Asks anew for as many pages as are shown, which stay until the answer is there. */
  readonly reload: () => void;
}

/** A list that the CA hands out page by page. `ask` stays the same function as long as it asks for the same list. */
export function usePages<Row>(ask: (after: string | null) => Promise<Result<Page<Row>>>): Pages<Row> {
  const [shown, setShown] = useState<Page<Row> | undefined>();
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = useRef(0);
  const pages = useRef(1);

  /** The first `count` pages, one behind the other. */
  const load = useCallback(
    async (count: number): Promise<void> => {
      const number = ++asked.current;
      const rows: Row[] = [];
      let next: string | null = null;
      for (let page = 0; page < count && (page === 0 || next !== null); page++) {
        const answer: Result<Page<Row>> = await ask(next);
        // Another question is on its way by now.
        if (number !== asked.current) return;
        setFailure(answer.ok ? null : answer.failure);
        if (!answer.ok) return;
        rows.push(...answer.value.rows);
        ({ next } = answer.value);
      }
      pages.current = count;
      setShown({ rows, next });
    },
    [ask],
  );
  const showMore = async (): Promise<void> => {
    if (shown?.next == null) return;
    const number = ++asked.current;
    const answer = await ask(shown.next);
    if (number !== asked.current) return;
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok) return;
    pages.current += 1;
    setShown({ rows: [...shown.rows, ...answer.value.rows], next: answer.value.next });
  };
  useEffect(() => {
    setShown(undefined);
    void load(1);
  }, [load]);
  const reload = useCallback(() => void load(pages.current), [load]);
  return { rows: shown?.rows, hasMore: shown?.next != null, failure, showMore: () => void showMore(), reload };
}
