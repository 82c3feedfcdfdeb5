import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';

/** As many rows as are asked for at a time. */
export const PAGE_ROWS = 100;

/** As many pages are asked for anew when something changed; what was scrolled to behind them stays as it was. */
const RELOADED_PAGES = 5;

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
  /** Asks for the next page, unless an answer is on its way already. */
  readonly showMore: () => void;
  /** Asks anew for what is shown, which stays until the answer is there. */
  readonly reload: () => void;
}

/** A list that the CA hands out page by page. Both functions stay the same as long as it is the same list. */
export function usePages<Row>(ask: (after: string | null) => Promise<Result<Page<Row>>>, keyOf: (row: Row) => string): Pages<Row> {
  const [shown, setShown] = useState<Page<Row> | undefined>();
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = useRef(0);
  const isAsking = useRef(false);
  const pages = useRef(1);

  /** So many pages, one behind the other. null: another question was asked meanwhile, or the CA did not answer. */
  const askFor = useCallback(
    async (count: number, after: string | null): Promise<Page<Row> | null> => {
      const number = ++asked.current;
      isAsking.current = true;
      const rows: Row[] = [];
      let next = after;
      for (let page = 0; page < count && (page === 0 || next !== null); page++) {
        const answer: Result<Page<Row>> = await ask(next);
        if (number !== asked.current) return null;
        isAsking.current = answer.ok && page + 1 < count;
        setFailure(answer.ok ? null : answer.failure);
        if (!answer.ok) return null;
        rows.push(...answer.value.rows);
        ({ next } = answer.value);
      }
      isAsking.current = false;
      return { rows, next };
    },
    [ask],
  );
  const load = useCallback(
    async (count: number): Promise<void> => {
      const fresh = await askFor(count, null);
      if (fresh !== null) setShown((before) => joined(fresh, before, keyOf));
    },
    [askFor, keyOf],
  );
  useEffect(() => {
    setShown(undefined);
    pages.current = 1;
    void load(1);
  }, [load]);

  const showMore = async (): Promise<void> => {
    if (shown?.next == null || isAsking.current) return;
    const more = await askFor(1, shown.next);
    if (more === null) return;
    pages.current += 1;
    setShown({ rows: [...shown.rows, ...more.rows], next: more.next });
  };
  const reload = useCallback(() => void load(Math.min(pages.current, RELOADED_PAGES)), [load]);
  return { rows: shown?.rows, hasMore: shown?.next != null, failure, showMore: () => void showMore(), reload };
}

/** The rows that stand anew, and behind them those that were shown after the last of them. */
export function joined<Row>(fresh: Page<Row>, before: Page<Row> | undefined, keyOf: (row: Row) => string): Page<Row> {
  const last = fresh.rows.at(-1);
  if (before === undefined || last === undefined || fresh.next === null) return fresh;
  const isFresh = new Set(fresh.rows.map(keyOf));
  const lastStill = before.rows.findLastIndex((row) => isFresh.has(keyOf(row)));
  const tail = lastStill === -1 ? [] : before.rows.slice(lastStill + 1);
  return tail.length === 0 ? fresh : { rows: [...fresh.rows, ...tail], next: before.next };
}
