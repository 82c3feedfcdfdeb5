/**
 * Signatures by a token's private key. The hash is made here and only raw mechanisms are used, because every module has
 * those: CKM_ECDSA and CKM_RSA_PKCS (PKCS#11 2.40 mechanisms, sections 2.1.6 and 2.3.11), CKM_EDDSA (3.0, section 2.3.14).
 */
import { createHash } from 'node:crypto';
import pkcs11js, { type Handle } from 'pkcs11js';
import { concatBytes } from '../../core/bytes.ts';
import { unreachable } from '../../core/result.ts';
import type { KeyType } from '../../core/security-key.ts';
import { asksForPinAgain } from './objects.ts';
import type { TokenSession } from './session.ts';

/** PKCS#11 3.0; pkcs11js has the numbers of 2.40. */
const CKM_EDDSA = 0x1057;

/** RSA-4096; everything else is shorter. */
const LONGEST_SIGNATURE = 512;

/** DigestInfo of SHA-256 up to the hash (RFC 8017, section 9.2, note 1). */
const SHA256_DIGEST_INFO = Uint8Array.of(0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20);

/** What goes to the token for a message, and how its answer becomes the usual form. */
interface SignatureScheme {
  readonly mechanism: number;
  readonly input: Uint8Array;
  readonly toResult: (signature: Uint8Array) => Uint8Array;
}

/** Whether the module can sign with such a key in this slot: asked before the login, for OpenSC decides it by the card's ATR. */
export function canSign({ cryptoki, slot }: TokenSession, keyType: KeyType): boolean {
  return cryptoki.C_GetMechanismList(slot).includes(schemeFor(keyType, new Uint8Array()).mechanism);
}

/**
 * ECDSA with SHA-256 (P-256) or SHA-384 (P-384) as DER ECDSA-Sig-Value, RSA PKCS#1 v1.5 with SHA-256, or Ed25519.
 */
export async function signMessage(token: TokenSession, pin: string, key: Handle, keyType: KeyType, message: Uint8Array): Promise<Uint8Array> {
  const { cryptoki, session, tell } = token;
  const scheme = schemeFor(keyType, message);
  await tell('C_Sign');
  cryptoki.C_SignInit(session, { mechanism: scheme.mechanism }, key);
  if (asksForPinAgain(token, key)) cryptoki.C_Login(session, pkcs11js.CKU_CONTEXT_SPECIFIC, pin);
  return scheme.toResult(new Uint8Array(cryptoki.C_Sign(session, Buffer.from(scheme.input), Buffer.alloc(LONGEST_SIGNATURE))));
}

function schemeFor(keyType: KeyType, message: Uint8Array): SignatureScheme {
  switch (keyType) {
    case 'ECCP256':
      return { mechanism: pkcs11js.CKM_ECDSA, input: hash('sha256', message), toResult: ecdsaSignatureToDer };
    case 'ECCP384':
      return { mechanism: pkcs11js.CKM_ECDSA, input: hash('sha384', message), toResult: ecdsaSignatureToDer };
    case 'RSA1024':
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return { mechanism: pkcs11js.CKM_RSA_PKCS, input: concatBytes(SHA256_DIGEST_INFO, hash('sha256', message)), toResult: asItIs };
    case 'ED25519':
      return { mechanism: CKM_EDDSA, input: message, toResult: asItIs };
    case 'X25519':
      throw new Error('X25519 keys cannot sign.');
    default:
      return unreachable(keyType);
  }
}

function hash(algorithm: 'sha256' | 'sha384', message: Uint8Array): Uint8Array {
  return createHash(algorithm).update(message).digest();
}

function asItIs(signature: Uint8Array): Uint8Array {
  return signature;
}

/** r and s, one after the other and of equal length (PKCS#11), as ECDSA-Sig-Value (RFC 3279, section 2.2.3). */
export function ecdsaSignatureToDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const body = concatBytes(derInteger(signature.subarray(0, half)), derInteger(signature.subarray(half)));
  return concatBytes(Uint8Array.of(0x30, body.length), body); // 104 bytes at most for P-384: one length byte
}

function derInteger(unsigned: Uint8Array): Uint8Array {
  let start = 0;
  while (start < unsigned.length - 1 && unsigned[start] === 0) start += 1;
  const digits = unsigned.subarray(start);
  const needsZero = ((digits[0] ?? 0) & 0x80) !== 0; // DER integers are signed
  return concatBytes(Uint8Array.of(0x02, digits.length + (needsZero ? 1 : 0)), needsZero ? Uint8Array.of(0) : new Uint8Array(), digits);
}
