import { createECDH, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { concatBytes } from '../../core/bytes.ts';
import type { KeyType } from '../../core/security-key.ts';
import { unreachable } from '../../core/result.ts';
import { encodeTlv } from '../piv/tlv.ts';
import { bigIntOf, bytesOf, inverseModulo } from './modular-arithmetic.ts';

const generate = promisify(generateKeyPair);

/** node:crypto's names of PIV's curves. */
export const CURVES = { ECCP256: 'prime256v1', ECCP384: 'secp384r1' } as const;

/** Modulus length in bits of an RSA key type; undefined for another. */
export function rsaBits(keyType: KeyType): number | undefined {
  return keyType.startsWith('RSA') ? Number(keyType.slice(3)) : undefined;
}

/** Generates a key pair; answers DER PKCS#8. RSA-4096 takes seconds, as on a real key. */
export async function generatePrivateKey(keyType: KeyType): Promise<Uint8Array> {
  return pkcs8(await generateKeyObject(keyType));
}

async function generateKeyObject(keyType: KeyType): Promise<KeyObject> {
  switch (keyType) {
    case 'ECCP256':
    case 'ECCP384':
      return (await generate('ec', { namedCurve: CURVES[keyType] })).privateKey;
    case 'ED25519':
      return (await generate('ed25519')).privateKey;
    case 'X25519':
      return (await generate('x25519')).privateKey;
    case 'RSA1024':
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return (await generate('rsa', { modulusLength: Number(keyType.slice(3)), publicExponent: 65537 })).privateKey;
    default:
      return unreachable(keyType);
  }
}

/** The numbers of an RSA private key as INS FE carries them. */
export interface RsaNumbers {
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  readonly dp: Uint8Array;
  readonly dq: Uint8Array;
  readonly qInverse: Uint8Array;
}

/** DER PKCS#8 of an RSA key with exponent 65537; undefined where the numbers do not fit each other or `bits`. */
export function rsaPrivateKey(bits: number, numbers: RsaNumbers): Uint8Array | undefined {
  const [p, q] = [bigIntOf(numbers.p), bigIntOf(numbers.q)];
  const modulus = p * q;
  // Factors of other lengths may make a modulus of the right one, and no key (1 and the modulus itself, for example).
  if ([p, q].some((factor) => factor.toString(2).length !== bits / 2) || modulus.toString(2).length !== bits) return undefined;
  const exponent = inverseModulo(65537n, (p - 1n) * (q - 1n));
  if (exponent === undefined) return undefined;
  const fits =
    bigIntOf(numbers.dp) === exponent % (p - 1n) && bigIntOf(numbers.dq) === exponent % (q - 1n) && bigIntOf(numbers.qInverse) === inverseModulo(q, p);
  if (!fits) return undefined;
  const encode = (value: bigint, length: number): string => Buffer.from(bytesOf(value, length)).toString('base64url');
  const half = bits / 16;
  const jwk = {
    kty: 'RSA',
    n: encode(modulus, bits / 8),
    e: 'AQAB',
    d: encode(exponent, bits / 8),
    p: encode(p, half),
    q: encode(q, half),
    dp: encode(bigIntOf(numbers.dp), half),
    dq: encode(bigIntOf(numbers.dq), half),
    qi: encode(bigIntOf(numbers.qInverse), half),
  };
  return pkcs8(createPrivateKey({ key: jwk, format: 'jwk' }));
}

/** DER PKCS#8 of an elliptic curve key; undefined where `scalar` is none of the curve's. */
export function ecPrivateKey(keyType: 'ECCP256' | 'ECCP384', scalar: Uint8Array): Uint8Array | undefined {
  const size = keyType === 'ECCP256' ? 32 : 48;
  if (scalar.length !== size) return undefined;
  const ecdh = createECDH(CURVES[keyType]);
  try {
    ecdh.setPrivateKey(scalar);
  } catch {
    return undefined;
  }
  const point = ecdh.getPublicKey();
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const crv = keyType === 'ECCP256' ? 'P-256' : 'P-384';
  const jwk = { kty: 'EC', crv, d: encode(scalar), x: encode(point.subarray(1, 1 + size)), y: encode(point.subarray(1 + size)) };
  return pkcs8(createPrivateKey({ key: jwk, format: 'jwk' }));
}

/** RFC 8410, section 7: what precedes 32 bytes of private key in PKCS#8, and of public key in SubjectPublicKeyInfo. */
const CURVE25519_PREFIX = {
  ED25519: { pkcs8: '302e020100300506032b657004220420', spki: '302a300506032b6570032100' },
  X25519: { pkcs8: '302e020100300506032b656e04220420', spki: '302a300506032b656e032100' },
} as const;

/** DER PKCS#8 of a Curve25519 key; undefined unless `secret` has 32 bytes. */
export function curve25519PrivateKey(keyType: 'ED25519' | 'X25519', secret: Uint8Array): Uint8Array | undefined {
  if (secret.length !== 32) return undefined;
  return concatBytes(Buffer.from(CURVE25519_PREFIX[keyType].pkcs8, 'hex'), secret);
}

/** A peer's X25519 public key. `bytes` has 32 bytes. */
export function x25519PublicKey(bytes: Uint8Array): KeyObject {
  const der = concatBytes(Buffer.from(CURVE25519_PREFIX.X25519.spki, 'hex'), bytes);
  return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
}

/** Private keys that were read, by their DER: OpenSSL takes a millisecond to read an RSA key, and every attestation needs f9's. */
const READ = new Map<string, KeyObject>();
const MAX_READ = 100;

/** The private key of a slot. */
export function privateKeyOf(der: Uint8Array): KeyObject {
  const name = Buffer.from(der).toString('latin1');
  const read = READ.get(name) ?? createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  if (READ.size >= MAX_READ) READ.clear();
  READ.set(name, read);
  return read;
}

/** The public key as the card tells it (73-4 part 2, table 10): 81 modulus, 82 exponent, or 86 point. */
export function encodePublicKey(privateKey: KeyObject): Uint8Array {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const decode = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (jwk.kty === 'RSA') return concatBytes(encodeTlv(0x81, decode(jwk.n)), encodeTlv(0x82, decode(jwk.e)));
  if (jwk.kty === 'EC') return encodeTlv(0x86, Uint8Array.of(4), decode(jwk.x), decode(jwk.y));
  return encodeTlv(0x86, decode(jwk.x));
}

function pkcs8(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'pkcs8' });
}
