import type { Enrollment } from '../core/enrollment/run.ts';
import type { EnrollmentState } from '../core/enrollment/state.ts';
import type { Failure } from '../core/failures.ts';

/** What comes after the wait for an approver: the PIN is asked for again, the request was denied, or something stopped it. */
export type DecidedState = Exclude<EnrollmentState, { kind: 'waiting-for-approval' | 'working' | 'reading' }>;

/** Resolves once an approver has decided and the applicant's side has noticed. `onOffline` hears that the CA is away. */
export function decisionNoticed(enrollment: Enrollment, onOffline: (failure: Failure) => void = () => undefined): Promise<DecidedState> {
  return new Promise((resolve) => {
    const stop = enrollment.onChange((state) => {
      if (state.kind === 'waiting-for-approval' && state.offline !== null) onOffline(state.offline);
      if (state.kind === 'waiting-for-approval' || state.kind === 'working' || state.kind === 'reading') return;
      stop();
      // A state is told from within the call that led to it; answers are taken once that call has ended.
      setImmediate(() => resolve(state));
    });
  });
}
