import { wordlist } from '@scure/bip39/wordlists/english.js';
import { sha256 } from '../bytes.ts';

const BITS_PER_WORD = 11n;
const WORDS = 4;

/**
 * Four English words that stand for a DER CSR: the first 44 bits of its SHA-256, 11 bits a word, most significant
 * first, from the word list of BIP-39 (2048 words, no two alike in their first four letters, so easy to say on a bad line).
 * The person and the approver compare them by voice: it shows that the CSR on the one screen is that on the other.
 */
export async function fourWords(csr: Uint8Array): Promise<readonly string[]> {
  const digest = await sha256(csr);
  const first48 = digest.slice(0, 6).reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  const bits = first48 >> 4n;
  return Array.from({ length: WORDS }, (_, index) => {
    const shift = BITS_PER_WORD * BigInt(WORDS - 1 - index);
    return wordlist[Number((bits >> shift) & 0x7ffn)] as string;
  });
}
