import { describe, expect, test } from 'vitest';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { ofSameCsr } from '../../renderer/queue/same-csr.ts';
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

describe('a request that is open', () => {
  const opened = { id: 'a', status: 'pending', csr: Uint8Array.of(0x30, 1) } as unknown as CertificateRequest;

  test('is shown as it is now', () => {
    const now: CertificateRequest = { ...opened, status: 'issued', csr: Uint8Array.of(0x30, 1) };
    expect(ofSameCsr(now, opened)).toBe(now);
  });

  test.each([[Uint8Array.of(0x30, 2)], [Uint8Array.of(0x30)], [new Uint8Array()]])('is never one with another CSR, such as %s', (csr) => {
    expect(ofSameCsr({ ...opened, csr }, opened)).toBe('exchanged');
  });
});
