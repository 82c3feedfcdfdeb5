/** PIN and PUK: NIST SP 800-73-4 part 2, sections 3.2.1 to 3.2.3. */
import { concatBytes } from '../../core/bytes.ts';
import type { Failure } from '../../core/failures.ts';
import { brokenLengthRule, brokenRule, checkCurrent, checkNew, pinRulesOf } from '../../core/key-care/pin-rules.ts';
import { done, failed, success, type Result } from '../../core/result.ts';
import { INS, KEY_REFERENCE } from './identifiers.ts';
import { cardError, type CardSession } from './session.ts';
import { attemptsLeft, SW } from './status-word.ts';

export type ReferenceName = 'PIN' | 'PUK';

/** 73-4 part 2, 2.4.3: 6 to 8 bytes, padded with FF to 8. */
const REFERENCE_LENGTH = 8;
const PADDING = 0xff;
/** Those of a FIPS key of 5.7. */
const STRICTEST_RULES = pinRulesOf({ isFips: true, demandsComplexPin: true, firmware: { major: 5, minor: 7, patch: 0 } });

function padded(value: string): Uint8Array {
  const bytes = new Uint8Array(REFERENCE_LENGTH).fill(PADDING);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
}

/** What a status word says of the value that was entered; undefined where it is about something else. */
function refusal(which: ReferenceName, statusWord: number): Result<never> | undefined {
  const left = attemptsLeft(statusWord);
  if (left === undefined) return undefined;
  if (left === 0) return failed({ kind: which === 'PIN' ? 'pin-blocked' : 'puk-blocked' });
  return failed({ kind: which === 'PIN' ? 'pin-wrong' : 'puk-wrong', attemptsLeft: left });
}

/** VERIFY with the PIN; it holds until another application is selected. Fails with pin-wrong, pin-blocked, pin-invalid. */
export async function verifyPin(session: CardSession, pin: string): Promise<Result<void>> {
  const checked = checkCurrent('PIN', pin);
  if (!checked.ok) return checked;
  const answer = await session.send({ ins: INS.VERIFY, p2: KEY_REFERENCE.PIN, data: padded(pin) });
  if (!answer.ok) return answer;
  if (answer.value.statusWord === SW.OK) return done;
  return refusal('PIN', answer.value.statusWord) ?? cardError('VERIFY', answer.value.statusWord);
}

/**
 * Attempts left for the PIN, by an empty VERIFY, which costs none (73-4 part 2, 3.2.1). null where the PIN is verified
 * in this session, because then the card answers that and not the number.
 */
export async function readPinAttempts(session: CardSession): Promise<Result<number | null>> {
  const answer = await session.send({ ins: INS.VERIFY, p2: KEY_REFERENCE.PIN });
  if (!answer.ok) return answer;
  const { statusWord } = answer.value;
  if (statusWord === SW.OK) return success(null);
  const left = attemptsLeft(statusWord);
  return left === undefined ? cardError('VERIFY', statusWord) : success(left);
}

/** Fails with pin-wrong, pin-blocked, pin-invalid. */
export function changePin(session: CardSession, currentPin: string, newPin: string): Promise<Result<void>> {
  return change(session, 'CHANGE_REFERENCE_DATA', KEY_REFERENCE.PIN, ['PIN', currentPin], ['PIN', newPin]);
}

/** Fails with puk-wrong, puk-blocked, pin-invalid. */
export function changePuk(session: CardSession, currentPuk: string, newPuk: string): Promise<Result<void>> {
  return change(session, 'CHANGE_REFERENCE_DATA', KEY_REFERENCE.PUK, ['PUK', currentPuk], ['PUK', newPuk]);
}

/** Sets a new PIN and its attempts with the PUK. Fails with puk-wrong, puk-blocked, pin-invalid. */
export function unblockPin(session: CardSession, puk: string, newPin: string): Promise<Result<void>> {
  return change(session, 'RESET_RETRY_COUNTER', KEY_REFERENCE.PIN, ['PUK', puk], ['PIN', newPin]);
}

/**
 * Yubico: 6985 is a value that the key's own rules (5.7, FIPS) refuse; ykman calls it complexity. Whoever knows the key's
 * facts has checked them before. What is not simple by Yubico's list and shorter than a FIPS key wants is taken for that.
 */
function refusedValue(which: ReferenceName, value: string): Failure {
  const { minLength } = STRICTEST_RULES;
  const rule = brokenRule(which, value, { ...STRICTEST_RULES, minLength: 0 }) ?? brokenLengthRule(value, minLength) ?? 'too-simple';
  return rule === 'too-short' ? { kind: 'pin-invalid', which, rule, minLength } : { kind: 'pin-invalid', which, rule };
}

async function change(
  session: CardSession,
  instruction: 'CHANGE_REFERENCE_DATA' | 'RESET_RETRY_COUNTER',
  reference: number,
  entered: readonly [ReferenceName, string],
  chosen: readonly [ReferenceName, string],
): Promise<Result<void>> {
  const checked = checkCurrent(...entered);
  if (!checked.ok) return checked;
  const allowed = checkNew(...chosen);
  if (!allowed.ok) return allowed;
  const data = concatBytes(padded(entered[1]), padded(chosen[1]));
  const answer = await session.send({ ins: INS[instruction], p2: reference, data });
  if (!answer.ok) return answer;
  const { statusWord } = answer.value;
  if (statusWord === SW.OK) return done;
  if (statusWord === SW.CONDITIONS_NOT_SATISFIED) return failed(refusedValue(...chosen));
  return refusal(entered[0], statusWord) ?? cardError(instruction, statusWord);
}
