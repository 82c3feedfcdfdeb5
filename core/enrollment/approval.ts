/** Waiting for the approver: asks the CA again and again, gently. Being offline is told, and is no reason to stop. */
import type { SubmittedRequest } from '../certificate-authority.ts';
import type { Failure } from '../failures.ts';
import { isOver } from './facts.ts';
import type { EnrollmentPorts } from './ports.ts';

const POLL_MILLISECONDS = 2_000;
/** After so many polls (about ten minutes) nobody sits and watches any more. */
const POLLS_BEFORE_CALM = 300;
const CALM_POLL_MILLISECONDS = 5_000;
const MAX_OFFLINE_MILLISECONDS = 30_000;
/** A CA that asks for more patience than this is not taken at its word: the person waits too. */
const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/**
 * 'lost': the CA does not know the request (any more), so it has to be handed in again. 'refused': it answers nobody without
 * a password, which the person has to give anew. 'left': `signal` was aborted.
 */
export type Decision = 'decided' | 'lost' | 'refused' | 'left';

/** Resolves when the request is issued, or nothing comes of it any more. `onAsked` hears after every question whether the CA answered. */
export async function awaitDecision(
  ports: EnrollmentPorts,
  requestId: string,
  signal: AbortSignal,
  onAsked: (offline: Failure | null) => void,
): Promise<Decision> {
  let offlineTimes = 0;
  let wait = POLL_MILLISECONDS;
  for (let polls = 1; ; polls++) {
    await ports.clock.wait(wait, signal);
    if (signal.aborted) return 'left';
    const answer = await ports.certificateAuthority.request(requestId);
    if (signal.aborted) return 'left';
    if (!answer.ok && answer.failure.kind === 'request-unknown') return 'lost';
    if (!answer.ok && answer.failure.kind === 'est-sign-in-refused') return 'refused';
    if (answer.ok && (answer.value.status === 'issued' || isOver(answer.value))) return 'decided';
    onAsked(answer.ok ? null : answer.failure);
    offlineTimes = answer.ok ? 0 : offlineTimes + 1;
    wait = answer.ok ? pollDelay(polls, answer.value) : retryDelay(offlineTimes, answer.failure);
  }
}

function pollDelay(polls: number, request: SubmittedRequest): number {
  const own = polls < POLLS_BEFORE_CALM ? POLL_MILLISECONDS : CALM_POLL_MILLISECONDS;
  return Math.max(own, heeded(request.retryAfterSeconds));
}

/** How long to leave a CA alone that did not answer for the nth time in a row: 2, 4, 8, 16, 30 seconds. */
export function retryDelay(times: number, failure: Failure): number {
  const own = Math.min(POLL_MILLISECONDS * 2 ** Math.max(0, times - 1), MAX_OFFLINE_MILLISECONDS);
  return failure.kind === 'too-many-requests' ? Math.max(own, heeded(failure.retryAfterSeconds)) : own;
}

function heeded(retryAfterSeconds: number | undefined): number {
  return Math.min((retryAfterSeconds ?? 0) * 1000, MAX_RETRY_AFTER_MILLISECONDS);
}
