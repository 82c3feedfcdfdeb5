/** What is said of a PIN or PUK that was to be set, where setting it failed: it may hold all the same. */
import type { Failure, FailureKind } from '../core/failures.ts';
import type { CommandContext } from './command.ts';
import type { Outcome } from './failures.ts';

/** Failures of which the key says itself that nothing was set. */
const NOT_SET: readonly FailureKind[] = ['pin-wrong', 'pin-blocked', 'puk-wrong', 'puk-blocked', 'pin-invalid', 'management-key-unknown', 'attempts-invalid', 'printed-object-in-use'];

/** The outcome of setting it in vain. Where only the answer got lost, the old one would cost an attempt. */
export function notSurelySet({ output }: CommandContext, failure: Failure, what: 'PIN' | 'PUK' | 'PIN and PUK', json: Readonly<Record<string, unknown>> = {}): Outcome {
  if (!NOT_SET.includes(failure.kind)) output.progress(`The new ${what} may hold already: try the new one before the old one.`);
  return { ok: false, failure, json };
}

/** A generated PUK as a field of the result; of a failure too, where it may have been set. */
export function generatedPuk({ generate }: { readonly generate?: boolean }, puk: string, failure?: Failure): { readonly puk?: string } {
  return generate === true && !(failure !== undefined && NOT_SET.includes(failure.kind)) ? { puk } : {};
}
