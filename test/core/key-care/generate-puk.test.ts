import { describe, expect, test } from 'vitest';
import { generatePuk } from '../../../core/key-care/generate-puk.ts';

/** Answers these bytes one after the other, whatever length is asked for. */
const bytesInTurn = (...bytes: readonly number[]) => {
  const queue = [...bytes];
  return (length: number): Uint8Array => Uint8Array.from(queue.splice(0, length));
};

describe('generatePuk', () => {
  test('is eight digits', () => {
    const puks = Array.from({ length: 200 }, () => generatePuk());
    for (const puk of puks) expect(puk).toMatch(/^\d{8}$/);
    expect(new Set(puks).size).toBeGreaterThan(190);
  });

  test('skips the bytes that would favour small digits', () => {
    expect(generatePuk(bytesInTurn(250, 255, 9, 249, 0, 11, 22, 33, 44, 55, 66, 77, 88, 99, 0, 0))).toBe('99012345');
  });

  test('is never the factory value, nor one digit over and over', () => {
    const factory = [1, 2, 3, 4, 5, 6, 7, 8];
    const sevens = [7, 17, 27, 37, 47, 57, 67, 77];
    expect(generatePuk(bytesInTurn(...factory, ...sevens, 5, 8, 2, 1, 3, 9, 0, 7))).toBe('58213907');
  });
});
