import { FACTORY_PUK } from './pin-rules.ts';

const DIGITS = 8;
const SIMPLE = /^(\d)\1*$/;
/** Bytes from here on would favour the digits 0 to 5: 256 is no multiple of 10. */
const FAIR_BYTES = 250;

/**
 * A PUK of eight random digits, each equally likely; never the factory value, nor one digit eight times, which keys with
 * a complexity policy refuse. `randomBytes` is for tests.
 */
export function generatePuk(randomBytes: (length: number) => Uint8Array = secureRandomBytes): string {
  let digits = '';
  while (digits.length < DIGITS) {
    const fair = [...randomBytes(DIGITS)].filter((byte) => byte < FAIR_BYTES);
    digits += fair.map((byte) => byte % 10).join('');
  }
  const puk = digits.slice(0, DIGITS);
  return puk === FACTORY_PUK || SIMPLE.test(puk) ? generatePuk(randomBytes) : puk;
}

function secureRandomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
