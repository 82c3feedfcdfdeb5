/** How many wrong entries block PIN and PUK: SET PIN RETRIES (Yubico), which makes both factory values again. */
import { checkNew, type PinRules } from '../../core/key-care/pin-rules.ts';
import { done, failed, type Result } from '../../core/result.ts';
import type { ManagementAccess } from '../../core/security-key.ts';
import { unmarkPukBlocked } from './admin-data.ts';
import { FACTORY } from './identifiers.ts';
import { unlock } from './management-access.ts';
import { hasMetadata, readReferenceMetadata } from './metadata.ts';
import { changePin, changePuk, verifyPin } from './pin.ts';
import { protectManagementKey } from './protected-management-key.ts';
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
 * Fails with pin-wrong, pin-blocked, pin-invalid, management-key-unknown, management-key-malformed.
 */
export async function setRetries(session: PivSession, wanted: WantedRetries): Promise<Result<void>> {
  const verified = await verifyTypedOrFactory(session, wanted.pin);
  if (!verified.ok) return verified;
  const opened = await open(session, wanted);
  if (!opened.ok) return opened;
  const set = await session.ask('SET_RETRIES', { p1: wanted.pinAttempts, p2: wanted.pukAttempts });
  if (!set.ok) return set;
  const unmarked = await unmarkPukBlocked(session);
  if (!unmarked.ok) return unmarked;
  const puk = await changePuk(session, FACTORY.PUK, wanted.newPuk);
  // A PUK that the key's own list refuses is told, but the PIN does not stay the factory one for that.
  if (!puk.ok && puk.failure.kind !== 'pin-invalid') return puk;
  const pin = await changePin(session, FACTORY.PIN, wanted.newPin);
  return puk.ok ? pin : puk;
}

async function verifyTypedOrFactory(session: PivSession, pin: string): Promise<Result<void>> {
  const facts = hasMetadata(session) ? await readReferenceMetadata(session, 'PIN') : undefined;
  if (facts && !facts.ok) return facts;
  return verifyPin(session, facts?.value.isFactory === true ? FACTORY.PIN : pin);
}

/** A management key that is derived from the PIN would be lost with it: it is brought into the protected form first. */
async function open(session: PivSession, access: ManagementAccess): Promise<Result<void>> {
  const unlocked = await unlock(session, access);
  if (!unlocked.ok) return unlocked;
  return unlocked.value.form === 'derived' ? protectManagementKey(session, access) : done;
}
