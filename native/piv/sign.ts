/** Signatures: GENERAL AUTHENTICATE (NIST SP 800-73-4 part 2, 3.2.4 and appendix A.4), and their check. */
import { createHash, verify } from 'node:crypto';
import { concatBytes, fromHex } from '../../core/bytes.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { EnrollableKeyType, KeyType, TouchPolicy } from '../../core/security-key.ts';
import { INS, KEY_ALGORITHM } from './identifiers.ts';
import { DYNAMIC_AUTHENTICATION, part } from './management-key.ts';
import { keyTypeOf, readPublicKey } from './public-keys.ts';
import { cardError, type CardSession } from './session.ts';
import { SW } from './status-word.ts';
import { encodeTlv } from './tlv.ts';

/** The hash each key type signs with; null: the message itself (Ed25519, RFC 8032). */
const HASH: Readonly<Record<EnrollableKeyType, 'sha256' | 'sha384' | null>> = {
  ECCP256: 'sha256',
  ECCP384: 'sha384',
  RSA2048: 'sha256',
  RSA3072: 'sha256',
  RSA4096: 'sha256',
  ED25519: null,
};
/** Bytes of the modulus. */
const MODULUS_LENGTH: Readonly<Partial<Record<KeyType, number>>> = { RSA2048: 256, RSA3072: 384, RSA4096: 512 };
/** DER of DigestInfo for SHA-256 up to its digest (RFC 8017, 9.2, note 1). */
const SHA256_DIGEST_INFO = fromHex('3031300d060960864801650304020105000420');

/** Whether `keyType` can sign a person's requests at all. */
export function canSign(keyType: KeyType): keyType is EnrollableKeyType {
  return keyType in HASH;
}

/** What goes to the card for `message`: a digest, a PKCS#1 v1.5 block (RFC 8017, 9.2), or the message itself. */
export function signatureInput(keyType: EnrollableKeyType, message: Uint8Array): Uint8Array {
  const hash = HASH[keyType];
  if (!hash) return message;
  const digest = new Uint8Array(createHash(hash).update(message).digest());
  const length = MODULUS_LENGTH[keyType];
  return length ? padPkcs1(digest, length) : digest;
}

function padPkcs1(digest: Uint8Array, length: number): Uint8Array {
  const info = concatBytes(SHA256_DIGEST_INFO, digest);
  const padding = new Uint8Array(length - info.length - 3).fill(0xff);
  return concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), info);
}

/**
 * Signs `message` with the key in `slot`, as core/security-key.ts describes `sign`. The PIN must have been verified by
 * the command right before where the policy is 'always'. Fails with slot-empty, touch-timeout.
 */
export async function signWith(
  session: CardSession,
  slot: number,
  key: { readonly keyType: KeyType; readonly touchPolicy: TouchPolicy | null },
  message: Uint8Array,
): Promise<Result<Uint8Array>> {
  if (!canSign(key.keyType)) return failed({ kind: 'slot-empty' });
  const T = DYNAMIC_AUTHENTICATION;
  const data = encodeTlv(T.TEMPLATE, encodeTlv(T.RESPONSE), encodeTlv(T.CHALLENGE, signatureInput(key.keyType, message)));
  const answer = await session.send({ ins: INS.GENERAL_AUTHENTICATE, p1: KEY_ALGORITHM[key.keyType], p2: slot, data });
  if (!answer.ok) return answer;
  const { statusWord } = answer.value;
  if (statusWord === SW.SECURITY_STATUS_NOT_SATISFIED && wantsTouch(key.touchPolicy)) return failed({ kind: 'touch-timeout' });
  if (statusWord === SW.REFERENCE_NOT_FOUND || statusWord === SW.NOT_FOUND) return failed({ kind: 'slot-empty' });
  if (statusWord !== SW.OK) return cardError('GENERAL_AUTHENTICATE', statusWord);
  const signature = part(answer.value.data, T.RESPONSE);
  return signature ? success(signature) : failed({ kind: 'security-key-unresponsive', detail: 'an answer without a signature' });
}

/** Whether a key of this policy may blink before it signs; 'cached' may have been touched in the last 15 seconds. */
export function wantsTouch(policy: TouchPolicy | null): boolean {
  return policy === 'always' || policy === 'cached';
}

/** Whether `signature` over `message`, in the form of {@link signWith}, is one of the key in a DER SubjectPublicKeyInfo. */
export function isSignatureOf(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const keyType = keyTypeOf(publicKey);
  const key = readPublicKey(publicKey);
  if (!key || !keyType || !canSign(keyType)) return false;
  try {
    return verify(HASH[keyType], message, key, signature);
  } catch {
    return false; // A signature that cannot even be decoded.
  }
}
