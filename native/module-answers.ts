/** What a PKCS#11 module answers, and what only the card can add to it. */
import type { Failure } from '../core/failures.ts';
import { done, failed, success, type Result } from '../core/result.ts';
import { withPiv, type LocatedKey } from './located-key.ts';
import { hasMetadata, readReferenceMetadata } from './piv/metadata.ts';
import { readPinAttempts } from './piv/pin.ts';
import type { PivSession } from './piv/session.ts';
import { completeFailure, moduleFailed, type ModuleFailure, type ModuleResult } from './pkcs11/module-failure.ts';

/**
 * What a module answers, once the card is reset: OpenSC 0.23 leaves the PIN verified on the card, for whatever program
 * comes next, after C_Logout and C_Finalize. And modules have many words for a key that was pulled: the card has one.
 */
export async function afterReset<T>(key: LocatedKey, call: Promise<ModuleResult<T>>): Promise<ModuleResult<T>> {
  const answer = await call;
  const reset = await key.transact('reset', async () => done);
  const isUnclear = !answer.ok && (answer.failure.kind === 'module-failed' || answer.failure.kind === 'module-cannot');
  return isUnclear && !reset.ok && reset.failure.kind === 'security-key-removed' ? moduleFailed({ kind: 'security-key-removed' }) : answer;
}

/** A module's failure with what only the card can add: the attempts left. */
export async function completed(key: LocatedKey, failure: ModuleFailure): Promise<{ readonly ok: false; readonly failure: Failure }> {
  if (failure.kind === 'module-failed') {
    // A module that lost its card says CKR_DEVICE_ERROR or the like; the card's absence says more.
    const present = await withPiv(key, 'leave', async () => done);
    if (!present.ok) return present;
  }
  if (failure.kind !== 'pin-wrong') return failed(await completeFailure(failure, async () => 0));
  const attempts = await withPiv(key, 'leave', readAttemptsLeft);
  return attempts.ok ? failed(await completeFailure(failure, async () => attempts.value)) : attempts;
}

async function readAttemptsLeft(session: PivSession): Promise<Result<number>> {
  const facts = hasMetadata(session) ? await readReferenceMetadata(session, 'PIN') : undefined;
  if (facts && !facts.ok) return facts;
  const left = facts ? success(facts.value.attemptsLeft) : await readPinAttempts(session);
  // Unknown only where another program has verified the PIN in the meantime: then the careful number.
  return left.ok ? success(left.value ?? 1) : left;
}
