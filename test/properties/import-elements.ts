/** Private keys as INS FE carries them (Yubico SDK users manual, import asymmetric; 07 and 08: yubikit). */
import { type Arbitrary, bigInt, constantFrom, oneof, tuple } from 'fast-check';
import { concatBytes, fromBase64Url } from '../../core/bytes.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import { privateKeyOf } from '../../native/virtual-yubikey/key-pair.ts';
import { bigIntOf, inverseModulo } from '../../native/virtual-yubikey/modular-arithmetic.ts';
import { PRIVATE_KEYS } from './fixed-material.ts';

const SCALAR_ELEMENT = { ECCP256: 0x06, ECCP384: 0x06, ED25519: 0x07, X25519: 0x08 } as const;
const RSA_EXPONENT = 65537n;

/** The elements of one of the fixed keys. */
export function importElements(keyType: keyof typeof PRIVATE_KEYS): Uint8Array {
  const jwk = privateKeyOf(PRIVATE_KEYS[keyType]).export({ format: 'jwk' });
  if (keyType !== 'RSA2048') return encodeTlv(SCALAR_ELEMENT[keyType], fromBase64Url(jwk.d ?? ''));
  return concatBytes(...[jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map((number, index) => encodeTlv(index + 1, fromBase64Url(number ?? ''))));
}

const { p: realP, q: realQ } = privateKeyOf(PRIVATE_KEYS.RSA2048).export({ format: 'jwk' });
const [P, Q] = [realP, realQ].map((number) => bigIntOf(fromBase64Url(number ?? ''))) as [bigint, bigint];

/** Numbers that make 2048 bits with a partner, and are no primes of 1024 bits. */
const factors: Arbitrary<readonly [bigint, bigint]> = oneof(
  constantFrom<(readonly [bigint, bigint])[]>([1n, 1n << 2047n], [P, P], [P * 2n, Q], [0n, P * Q], [2n, 1n << 2046n], [5n, (1n << 2045n) + 3n]),
  tuple(bigInt({ min: 0n, max: 1n << 16n }), bigInt({ min: 1n << 2031n, max: 1n << 2048n })),
  tuple(bigInt({ min: 1n << 1023n, max: 1n << 1024n }), bigInt({ min: 1n << 1023n, max: 1n << 1024n })),
);

/** Elements that fit each other, whatever the factors are. */
function elementsOf([p, q]: readonly [bigint, bigint]): Uint8Array {
  const inverse = (value: bigint, modulus: bigint): bigint => (modulus > 1n ? inverseModulo(value, modulus) : undefined) ?? 0n;
  const exponent = inverse(RSA_EXPONENT, (p - 1n) * (q - 1n));
  const numbers = [p, q, p > 1n ? exponent % (p - 1n) : 0n, q > 1n ? exponent % (q - 1n) : 0n, inverse(q, p)];
  return concatBytes(...numbers.map((number, index) => encodeTlv(index + 1, bytesOf(number))));
}

/** Of an RSA key of 2048 bits made of numbers that no key should be made of. */
export const oddRsaElements: Arbitrary<Uint8Array> = factors.map(elementsOf);
/** Of the right length, and even: nothing can be signed with it. */
export const evenRsaElements = elementsOf([(1n << 1024n) - 2n, Q]);

function bytesOf(number: bigint): Uint8Array {
  const digits = number.toString(16);
  return new Uint8Array(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}
