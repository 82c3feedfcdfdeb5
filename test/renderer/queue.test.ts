import { describe, expect, test } from 'vitest';
import { joined } from '../../renderer/queue/use-pages.ts';

const page = (rows: string, next: string | null) => ({ rows: [...rows], next });
const keyOf = (row: string): string => row;

describe('a long list that is asked for anew', () => {
  test('keeps what was scrolled to behind the rows that stand anew', () => {
    expect(joined(page('abcd', 'd'), page('abcdefgh', 'h'), keyOf)).toEqual(page('abcdefgh', 'h'));
  });

  test('leaves out rows that are gone, and takes no row twice where others moved up', () => {
    expect(joined(page('acef', 'f'), page('abcdefgh', 'h'), keyOf)).toEqual(page('acefgh', 'h'));
  });

  test('puts new rows in front and loses none of those they push down', () => {
    expect(joined(page('xyab', 'b'), page('abcdef', 'f'), keyOf)).toEqual(page('xyabcdef', 'f'));
  });

  test.each([
    ['there was none before', page('ab', 'b'), undefined],
    ['nothing of it is left', page('wxyz', 'z'), page('abcdef', 'f')],
    ['it ends earlier now', page('ab', null), page('abcdef', 'f')],
    ['it is empty now', page('', null), page('abc', null)],
  ])('is the new one alone where %s', (_, fresh, before) => {
    expect(joined(fresh, before, keyOf)).toEqual(fresh);
  });
});
