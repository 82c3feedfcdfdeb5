/**
 * What can go wrong in a PKCS#11 call, before the attempts left are known: PKCS#11 answers a wrong PIN with
 * CKR_PIN_INCORRECT and no number, so the caller asks the card (an empty VERIFY) and completes the failure.
 */
import type { Failure, SecurityKeyFailure } from '../../core/failures.ts';

/** `module-cannot`: this module has no way to do it, and nothing has happened: do it with PIV commands. */
export type ModuleFailure =
  | Exclude<SecurityKeyFailure, { readonly kind: 'pin-wrong' | 'puk-wrong' }>
  | { readonly kind: 'pin-wrong'; readonly attemptsLeft: null }
  | { readonly kind: 'puk-wrong'; readonly attemptsLeft: null }
  | { readonly kind: 'module-cannot'; readonly module: string; readonly detail: string };

/** Like core's Result, with failures that the caller still has to complete ({@link completeFailure}). */
export type ModuleResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ModuleFailure };

/** A failure of a module call. */
export function moduleFailed(failure: ModuleFailure): { readonly ok: false; readonly failure: ModuleFailure } {
  return { ok: false, failure };
}

/**
 * The failure as the rest of the product knows it. `attemptsLeft` is asked for only after a wrong PIN or PUK; an answer
 * of 0 makes it blocked. A `module-cannot` that nobody caught is the module's failure.
 */
export async function completeFailure(failure: ModuleFailure, attemptsLeft: () => Promise<number>): Promise<Failure> {
  switch (failure.kind) {
    case 'pin-wrong': {
      const attempts = await attemptsLeft();
      return attempts === 0 ? { kind: 'pin-blocked' } : { kind: 'pin-wrong', attemptsLeft: attempts };
    }
    case 'puk-wrong': {
      const attempts = await attemptsLeft();
      return attempts === 0 ? { kind: 'puk-blocked' } : { kind: 'puk-wrong', attemptsLeft: attempts };
    }
    case 'module-cannot':
      return { kind: 'module-failed', module: failure.module, detail: failure.detail };
    default:
      return failure;
  }
}
