import { UnstyledButton } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useContext, useEffect, useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode } from 'react';
import { useMessages } from '../messages/language.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Scroller } from '../ui/screen.tsx';
import type { Pages } from './use-pages.ts';
import styles from './queue.module.css';

/** Pixels; a row is measured once it is drawn. */
const USUAL_ROW_HEIGHT = 71;
const ROWS_BESIDE = 12;
/** The next page is asked for when so few rows are left below. */
const ROWS_AHEAD = 40;

interface LongListProps<Row> {
  readonly pages: Pages<Row>;
  readonly keyOf: (row: Row) => string;
  /** What stands in a row. */
  readonly renderRow: (row: Row) => ReactNode;
  /** In place of a list without rows. */
  readonly empty: ReactNode;
}

/** A list of any length: only the rows in sight are drawn, and pages are fetched as one scrolls to them. */
export function LongList<Row>({ pages: { rows, hasMore, failure, showMore }, keyOf, renderRow, empty }: LongListProps<Row>) {
  const { queue } = useMessages();
  return (
    <>
      {failure !== null && <ProblemPanel failure={failure} />}
      {rows?.length === 0 && empty}
      {rows !== undefined && rows.length > 0 && <Rows rows={rows} keyOf={keyOf} renderRow={renderRow} hasMore={hasMore} onNearEnd={showMore} />}
      {hasMore && (
        <UnstyledButton className={styles.link} onClick={showMore}>
          {queue.showMore}
        </UnstyledButton>
      )}
    </>
  );
}

interface RowsProps<Row> extends Pick<LongListProps<Row>, 'keyOf' | 'renderRow'> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  readonly onNearEnd: () => void;
}

function Rows<Row>({ rows, keyOf, renderRow, hasMore, onNearEnd }: RowsProps<Row>) {
  const list = useRef<HTMLUListElement>(null);
  const scroller = useContext(Scroller);
  const [above, setAbove] = useState(0);
  const [focused, setFocused] = useState<number | null>(null);
  // What stands over the list comes and goes, and with it the height of what is around both.
  useLayoutEffect(() => {
    const [ul, screen] = [list.current, scroller.current];
    if (ul?.parentElement == null || screen === null) return;
    const look = (): void => setAbove(Math.round(ul.getBoundingClientRect().top - screen.getBoundingClientRect().top + screen.scrollTop));
    look();
    const observer = new ResizeObserver(look);
    observer.observe(ul.parentElement);
    return () => observer.disconnect();
  }, [scroller]);
  // The row with the focus stays, however far it is scrolled away: the focus is not lost, and Tab goes on from it.
  const rangeExtractor = useCallback(
    (range: Range) => {
      const inSight = defaultRangeExtractor(range);
      return focused === null || focused >= range.count || inSight.includes(focused) ? inSight : [...inSight, focused].sort((a, b) => a - b);
    },
    [focused],
  );
  // oxlint-disable-next-line react/incompatible-library -- nothing of it is handed on to what is memoized
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => USUAL_ROW_HEIGHT,
    getItemKey: (index) => keyOf(rows[index] as Row),
    overscan: ROWS_BESIDE,
    scrollMargin: above,
    rangeExtractor,
  });
  const drawn = virtualizer.getVirtualItems();
  const isNearEnd = (virtualizer.range?.endIndex ?? 0) > rows.length - ROWS_AHEAD;
  useEffect(() => {
    if (isNearEnd && hasMore) onNearEnd();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each page, not again and again where the CA does not answer
  }, [isNearEnd, hasMore, rows.length]);

  const onFocus = (event: FocusEvent<HTMLUListElement>): void => {
    const item = event.target.closest<HTMLLIElement>('li');
    setFocused(item === null ? null : Number(item.dataset.index));
  };
  return (
    <ul ref={list} className={styles.list} style={{ height: virtualizer.getTotalSize() }} onFocus={onFocus} onBlur={() => setFocused(null)}>
      {drawn.map(({ index, key, start }) => (
        <li
          key={key}
          ref={virtualizer.measureElement}
          data-index={index}
          aria-setsize={hasMore ? -1 : rows.length}
          aria-posinset={index + 1}
          className={styles.row}
          style={{ transform: `translateY(${start - above}px)` }}
        >
          {renderRow(rows[index] as Row)}
        </li>
      ))}
    </ul>
  );
}
