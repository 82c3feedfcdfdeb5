import type { Store } from './store.ts';
import type { TableRow } from './table-copy.ts';

/** Ends a dump whose rows nobody wants any more. */
class NobodyReads extends Error {}

/** What `dump` hands out, as something to iterate over: the next row is read when the one before is done with. */
export async function* dumpedRows(store: Store): AsyncGenerator<TableRow> {
  const waiting: { readonly row: TableRow | null; readonly done: () => void }[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  const hand = (row: TableRow | null): Promise<void> =>
    new Promise((done, refuse) => {
      if (isOver) return refuse(new NobodyReads());
      waiting.push({ row, done });
      wake();
    });
  const dump = store.dump(hand);
  const end = (): void => void hand(null).catch(() => undefined);
  // A failure is thrown below, after the rows that came before it.
  dump.then(end, end);
  let finishLast = (): void => undefined;
  try {
    for (;;) {
      while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const next = waiting.shift();
      if (next === undefined || next.row === null) break;
      finishLast = next.done;
      yield next.row;
      next.done();
    }
    await dump;
  } finally {
    isOver = true;
    finishLast();
    for (const { done } of waiting) done();
  }
}
