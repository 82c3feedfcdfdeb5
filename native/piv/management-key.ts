/** The management key (9b): mutual authentication (NIST SP 800-73-4 part 2, 3.2.4 and appendix A.2) and replacement (Yubico). */
import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto';
import type { Failure } from '../../core/failures.ts';
import { done, failed, type Result } from '../../core/result.ts';
import type { ManagementKeyAlgorithm } from '../../core/security-key.ts';
import { INS, KEY_REFERENCE, MANAGEMENT_KEY_ALGORITHM } from './identifiers.ts';
import { cardError, type CardSession } from './session.ts';
import { SW } from './status-word.ts';
import { encodeTlv, findTlv } from './tlv.ts';

/** Dynamic authentication template and its parts (73-4 part 2, table 7). */
export const DYNAMIC_AUTHENTICATION = { TEMPLATE: 0x7c, WITNESS: 0x80, CHALLENGE: 0x81, RESPONSE: 0x82 } as const;

/** Key and algorithm, which belong together: 24 bytes are 3DES or AES-192. */
export interface ManagementKey {
  readonly algorithm: ManagementKeyAlgorithm;
  readonly value: Uint8Array;
}

/** OpenSSL's names. CBC over one block with a zero IV is ECB over that block, which BoringSSL (Electron) has not for all of them. */
const CIPHER: Readonly<Record<ManagementKeyAlgorithm, string>> = {
  '3DES': 'des-ede3-cbc',
  'AES-128': 'aes-128-cbc',
  'AES-192': 'aes-192-cbc',
  'AES-256': 'aes-256-cbc',
};

function encryptBlock(key: ManagementKey, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER[key.algorithm], key.value, new Uint8Array(block.length)).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
}

function decryptBlock(key: ManagementKey, block: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(CIPHER[key.algorithm], key.value, new Uint8Array(block.length)).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([decipher.update(block), decipher.final()]));
}

/**
 * Mutual authentication: the card proves that it knows the key, and so do we. No attempt is counted. Fails with
 * management-key-unknown where the card has another key.
 */
export async function authenticate(session: CardSession, key: ManagementKey): Promise<Result<void>> {
  const { id, blockLength } = MANAGEMENT_KEY_ALGORITHM[key.algorithm];
  const T = DYNAMIC_AUTHENTICATION;
  const header = { p1: id, p2: KEY_REFERENCE.MANAGEMENT };
  const first = await session.ask('GENERAL_AUTHENTICATE', { ...header, data: encodeTlv(T.TEMPLATE, encodeTlv(T.WITNESS)) });
  if (!first.ok) return first;
  const witness = part(first.value, T.WITNESS);
  if (witness?.length !== blockLength) return failed({ kind: 'management-key-unknown' });
  const challenge = crypto.getRandomValues(new Uint8Array(blockLength));
  const proof = encodeTlv(T.TEMPLATE, encodeTlv(T.WITNESS, decryptBlock(key, witness)), encodeTlv(T.CHALLENGE, challenge));
  const second = await session.send({ ins: INS.GENERAL_AUTHENTICATE, ...header, data: proof });
  if (!second.ok) return second;
  if (REFUSALS.includes(second.value.statusWord)) return failed({ kind: 'management-key-unknown' });
  if (second.value.statusWord !== SW.OK) return cardError('GENERAL_AUTHENTICATE', second.value.statusWord);
  const response = part(second.value.data, T.RESPONSE);
  const expected = encryptBlock(key, challenge);
  const isProven = response?.length === expected.length && timingSafeEqual(response, expected);
  return isProven ? done : failed({ kind: 'management-key-unknown' });
}

/** 6982, or 6985 (.NET SDK, CompleteAuthenticateManagementKeyResponse): the proof was wrong, or nobody touched the key. */
const REFUSALS: readonly number[] = [SW.SECURITY_STATUS_NOT_SATISFIED, SW.CONDITIONS_NOT_SATISFIED];

/** A part of a dynamic authentication template. */
export function part(answer: Uint8Array, tag: number): Uint8Array | undefined {
  const template = findTlv(answer, DYNAMIC_AUTHENTICATION.TEMPLATE);
  return template && findTlv(template, tag);
}

/** A random key for `algorithm`. Chance alone could make a weak DES key: 1 in 2^52, and the card refuses it then. */
export function randomManagementKey(algorithm: ManagementKeyAlgorithm): ManagementKey {
  return { algorithm, value: crypto.getRandomValues(new Uint8Array(MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength)) };
}

/** SET MANAGEMENT KEY (Yubico) without a touch policy; needs the present one authenticated. The card does it whole or not at all. */
export async function setManagementKey(session: CardSession, key: ManagementKey): Promise<Result<void>> {
  const { id, keyLength } = MANAGEMENT_KEY_ALGORITHM[key.algorithm];
  if (key.value.length !== keyLength) throw new RangeError(`A key of ${key.value.length} bytes is none for ${key.algorithm}`);
  const data = Uint8Array.of(id, KEY_REFERENCE.MANAGEMENT, keyLength, ...key.value);
  const answer = await session.ask('SET_MANAGEMENT_KEY', { p1: 0xff, p2: 0xff, data });
  return answer.ok ? done : answer;
}

/** How many keys are chosen before a card that refuses them all is given up. */
export const MAX_KEY_CHOICES = 4;

/** Whether {@link setManagementKey} failed because chance made a weak DES key: the next one is another. */
export function isRefusedAsWeak(algorithm: ManagementKeyAlgorithm, failure: Failure): boolean {
  return algorithm === '3DES' && failure.kind === 'card-error' && failure.statusWord === SW.INCORRECT_DATA;
}
