import { expect, test } from 'vitest';
import { toHex } from '../../../core/bytes.ts';
import { readManagementKey } from '../../../core/key-care/typed-management-key.ts';
import { failed } from '../../../core/result.ts';
import type { ManagementKeyAlgorithm } from '../../../core/security-key.ts';

const DIGITS: readonly (readonly [ManagementKeyAlgorithm, number])[] = [
  ['3DES', 48],
  ['AES-128', 32],
  ['AES-192', 48],
  ['AES-256', 64],
];

test.each(DIGITS)('a key for %s has %i digits, in either case', (algorithm, digits) => {
  const text = 'a1B2'.repeat(digits / 4);
  const read = readManagementKey(text, algorithm);
  expect(read.ok && toHex(read.value)).toBe(text.toLowerCase());
});

test.each(DIGITS)('anything else is none for %s', (algorithm, digits) => {
  for (const text of ['', 'a'.repeat(digits - 1), 'a'.repeat(digits + 2), 'g'.repeat(digits), `${'a'.repeat(digits - 1)}\n`]) {
    expect(readManagementKey(text, algorithm), text).toEqual(failed({ kind: 'management-key-malformed', digits }));
  }
});
