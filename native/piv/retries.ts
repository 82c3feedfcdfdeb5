/** How many wrong entries block PIN and PUK: SET PIN RETRIES (Yubico), which makes both factory values again. */
import { checkNew, type PinRules } from '../../core/key-care/pin-rules.ts';
import { done, failed, success, type Result } from '../../core/result.ts';
import type { ManagementAccess, ReferenceDataFacts } from '../../core/security-key.ts';
import { unmarkPukBlocked } from './admin-data.ts';
import { FACTORY } from './identifiers.ts';
import { unlock, type Unlocked } from './management-access.ts';
import { hasMetadata, readReferenceMetadata, UNKNOWN_REFERENCE } from './metadata.ts';
import { changePin, changePuk, verifyPin } from './pin.ts';
import { settle } from './protected-management-key.ts';
import type { PivSession } from './session.ts';

export interface WantedRetries extends ManagementAccess {
  readonly pinAttempts: number;
  readonly pukAttempts: number;
  readonly newPin: string;
  readonly newPuk: string;
}

const MAX_ATTEMPTS = 255;

/** What is wrong with the numbers and the values, before anything is sent. Fails with attempts-invalid, pin-invalid. */
export function checkRetries(wanted: WantedRetries, rules?: PinRules): Result<void> {
  const isNumber = (attempts: number): boolean => Number.isInteger(attempts) && attempts >= 1 && attempts <= MAX_ATTEMPTS;
  if (!isNumber(wanted.pinAttempts) || !isNumber(wanted.pukAttempts)) return failed({ kind: 'attempts-invalid' });
  return [checkNew('PIN', wanted.newPin, rules), checkNew('PUK', wanted.newPuk, rules)].find((check) => !check.ok) ?? done;
}

/**
 * Sets the attempts, and PIN and PUK anew at once. The PIN comes last: while the key says that it is the factory one, the
 * call was cut off, and its repetition goes through whatever is typed as the old PIN.
 * Fails with pin-wrong, pin-blocked, pin-invalid, management-key-unknown, management-key-malformed, fips-not-ready.
 */
export async function setRetries(session: PivSession, wanted: WantedRetries): Promise<Result<void>> {
  const before = await readBoth(session);
  if (!before.ok) return before;
  const verified = await verifyPin(session, before.value.pin.isFactory === true ? FACTORY.PIN : wanted.pin);
  if (!verified.ok) return verified;
  const unlocked = await unlock(session, wanted);
  if (!unlocked.ok) return unlocked.failure.kind === 'fips-not-ready' ? goOnOutsideApprovedMode(session, wanted, before.value) : unlocked;
  return setAnew(session, wanted, unlocked.value);
}

/** PIN and PUK; before 5.3 nothing is known of them. */
interface Both {
  readonly pin: ReferenceDataFacts;
  readonly puk: ReferenceDataFacts;
}

async function readBoth(session: PivSession): Promise<Result<Both>> {
  if (!hasMetadata(session)) return success({ pin: UNKNOWN_REFERENCE, puk: UNKNOWN_REFERENCE });
  const pin = await readReferenceMetadata(session, 'PIN');
  if (!pin.ok) return pin;
  const puk = await readReferenceMetadata(session, 'PUK');
  return puk.ok ? success({ pin: pin.value, puk: puk.value }) : puk;
}

async function setAnew(session: PivSession, wanted: WantedRetries, unlocked: Unlocked): Promise<Result<void>> {
  const settled = await settle(session, unlocked);
  if (!settled.ok) return settled;
  const set = await session.ask('SET_RETRIES', { p1: wanted.pinAttempts, p2: wanted.pukAttempts });
  if (!set.ok) return set;
  const unmarked = await unmarkPukBlocked(session);
  if (!unmarked.ok) return unmarked;
  return replaceFactoryValues(session, wanted);
}

async function replaceFactoryValues(session: PivSession, { newPin, newPuk }: WantedRetries): Promise<Result<void>> {
  const puk = await changePuk(session, FACTORY.PUK, newPuk);
  // A PUK that the key's own list refuses is told, but the PIN does not stay the factory one for that.
  if (!puk.ok && puk.failure.kind !== 'pin-invalid') return puk;
  const pin = await changePin(session, FACTORY.PIN, newPin);
  return puk.ok ? pin : puk;
}

/**
 * A FIPS key of 5.7 that lost its PIN to an earlier run gives no access to PRINTED, and so to the management key, before
 * PIN and PUK are the owner's. So they come first: that is all, where the attempts were set.
 */
async function goOnOutsideApprovedMode(session: PivSession, wanted: WantedRetries, { pin, puk }: Both): Promise<Result<void>> {
  if (pin.isFactory !== true) return failed({ kind: 'fips-not-ready' });
  const areSet = pin.attemptsTotal === wanted.pinAttempts && puk.attemptsTotal === wanted.pukAttempts;
  if (areSet && puk.isFactory === true) return replaceFactoryValues(session, wanted);
  const replaced = puk.isFactory === true ? await replaceFactoryValues(session, wanted) : await changePin(session, FACTORY.PIN, wanted.newPin);
  if (!replaced.ok) return replaced;
  const verified = await verifyPin(session, wanted.newPin);
  if (!verified.ok) return verified;
  const unlocked = await unlock(session, wanted);
  return unlocked.ok ? setAnew(session, wanted, unlocked.value) : unlocked;
}
