import { createHash } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { expect, test } from 'vitest';
import { fourWords } from '../../../core/requests/four-words.ts';

test('the list is that of BIP-39', () => {
  // SHA-256 of bip-0039/english.txt, as libraries of other makers pin it.
  const digest = createHash('sha256').update(`${wordlist.join('\n')}\n`).digest('hex');
  expect(digest).toBe('2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda');
});

test.each([
  // SHA-256("abc") = ba7816bf 8f01… (FIPS 180-4, appendix B.1): 10111010011 11000000101 10101111111 00011110000
  { text: 'abc', words: [1491, 1541, 1407, 240] },
  // SHA-256("") = e3b0c442 98fc…
  { text: '', words: [1821, 1073, 133, 399] },
])('the words of "$text" are the first 44 bits of its SHA-256', async ({ text, words }) => {
  expect(await fourWords(new TextEncoder().encode(text))).toEqual(words.map((index) => wordlist[index]));
});

test('one bit more or less changes the words', async () => {
  expect(await fourWords(Uint8Array.of(1))).not.toEqual(await fourWords(Uint8Array.of(0)));
});
