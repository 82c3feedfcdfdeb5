import { timingSafeEqual } from 'node:crypto';
import { fromHex, toHex } from '../../core/bytes.ts';
import type { FirmwareProfile } from './firmware.ts';
import type { StoredReferenceData } from './state.ts';
import { SW } from '../piv/status-word.ts';

/** PIN and PUK as sent: always eight bytes, short ones padded with FF (73-4 part 2, 2.4.3). */
export const REFERENCE_DATA_LENGTH = 8;
/** 73-4 part 2, 2.4.3. */
const MINIMUM_LENGTH = 6;
const PADDING = 0xff;

/** Yubico's list of refused PINs, as far as six to eight characters fit (PIN complexity, firmware 5.7). */
const TRIVIAL = new Set(
  ['123456', '123123', '654321', '123321', '112233', '121212', '520520', '123654', '159753'].concat(['1234567', '12345678', 'password', 'qwerty', 'abc123', '1q2w3e4r', 'iloveyou']),
);

/** `text` in UTF-8, padded with FF to eight bytes; `text` is at most eight bytes. */
export function padReferenceData(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > REFERENCE_DATA_LENGTH) throw new RangeError('A PIN or PUK has at most eight bytes');
  const padded = new Uint8Array(REFERENCE_DATA_LENGTH).fill(PADDING);
  padded.set(bytes);
  return padded;
}

/**
 * Compares a presented PIN or PUK and keeps its counter: the attempt is counted first, and a match restores the
 * counter. Answers 9000, 63Cx, or 6983 where it was blocked already.
 */
export function checkReferenceData(stored: StoredReferenceData, presented: Uint8Array): number {
  if (stored.attemptsLeft === 0) return SW.AUTHENTICATION_BLOCKED;
  stored.attemptsLeft -= 1;
  if (!timingSafeEqual(fromHex(stored.value), presented)) return attemptsStatus(stored);
  stored.attemptsLeft = stored.attemptsTotal;
  return SW.OK;
}

/** 63Cx; x is 15 for 15 attempts or more. */
export function attemptsStatus(stored: StoredReferenceData): number {
  return SW.VERIFY_FAILED | Math.min(stored.attemptsLeft, 15);
}

/**
 * What is wrong with a new value, as a status word: 6A80 for its form, 6985 for a trivial one (ykman tells of complexity
 * then), and for one shorter than the firmware's own minimum, which is a guess; undefined: nothing.
 */
export function refusalOfNewValue(firmware: FirmwareProfile, value: Uint8Array): number | undefined {
  const last = value.findLastIndex((byte) => byte !== PADDING);
  const characters = value.subarray(0, last + 1);
  if (characters.length < MINIMUM_LENGTH) return SW.INCORRECT_DATA;
  if (firmware.demandsAscii && characters.some((byte) => byte > 0x7f)) return SW.INCORRECT_DATA;
  if (characters.length < firmware.minPinLength) return SW.CONDITIONS_NOT_SATISFIED;
  if (!firmware.demandsComplexPin) return undefined;
  const isRepeated = characters.every((byte) => byte === characters[0]);
  return isRepeated || TRIVIAL.has(new TextDecoder().decode(characters)) ? SW.CONDITIONS_NOT_SATISFIED : undefined;
}

/** Stores a new value and gives all attempts back. */
export function storeNewValue(stored: StoredReferenceData, value: Uint8Array): void {
  stored.value = toHex(value);
  stored.attemptsLeft = stored.attemptsTotal;
}
