/** The old key proves itself to the CA before a new key pair takes its place, so that nobody has to look at a renewal. */
import type { Failure, FailureKind } from '../failures.ts';
import { type Result, success } from '../result.ts';
import type { EnrollmentFacts } from './facts.ts';
import type { RecordedRenewal } from './record.ts';
import type { StepRun } from './step-effects.ts';

/** Answers of a CA after which an approver decides, as without a code. */
const UNRENEWABLE: ReadonlySet<FailureKind> = new Set<FailureKind>(['renewal-refused', 'authority-cannot']);
/** A code that is of no use any more. */
const SPENT: ReadonlySet<FailureKind> = new Set<FailureKind>(['invitation-unknown', 'invitation-expired', 'invitation-used', 'invitation-ended', 'renewal-refused']);

/** Whether a refusal is about the code alone. */
export function isSpentCode(failure: Failure): boolean {
  return SPENT.has(failure.kind);
}

/** What an earlier run noted before it was cut off. Keys without a serial share a record: there it may be another person's. */
function noted({ key, record }: EnrollmentFacts, now: Date): RecordedRenewal | null {
  const renewal = record?.renewal ?? null;
  return renewal !== null && key.serial !== null && renewal.expiresAt.getTime() > now.getTime() ? renewal : null;
}

/** The certificate to renew: in 9a, of the pinned CA, still good, and on its way out. */
function outgoing({ held, outgoingSha256, publicKeySha256 }: EnrollmentFacts): Uint8Array | null {
  return held?.fits && publicKeySha256 !== null && outgoingSha256 === publicKeySha256 ? held.certificate : null;
}

/**
 * The code for the new key; null: there is nothing to renew, an invitation takes its place, or the CA wants an approver to
 * look. `withTouch` tries again where a touch did not come. Fails with what signing and the network fail with; the old key
 * is untouched then.
 */
export async function proveRenewal(run: StepRun, withTouch: <T>(act: () => Promise<Result<T>>) => Promise<Result<T>>): Promise<Result<RecordedRenewal | null>> {
  const { certificateAuthority, clock, invitationCode, securityKey } = run.ports;
  if (invitationCode !== null) return success(null);
  const before = noted(run.facts, clock.now());
  const certificate = outgoing(run.facts);
  if (before !== null || certificate === null) return success(before);
  const { pin } = run;
  if (pin === null) throw new Error('The old key cannot prove itself without its PIN.');
  const code = await certificateAuthority.renewalCode(certificate, (message) => withTouch(() => securityKey.sign(pin, message, run.onActivity)));
  return !code.ok && UNRENEWABLE.has(code.failure.kind) ? success(null) : code;
}
