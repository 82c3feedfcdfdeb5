import type { EnrollmentPorts } from './ports.ts';
import type { EnrollmentAnswers, EnrollmentState } from './state.ts';

/** One enrollment of one key at one CA. */
export interface Enrollment {
  readonly state: EnrollmentState;
  /**
   * Reads the key and the CA and computes what is left. Call it first, and again whenever something may have changed
   * (key back in, "try again"). Resolves with the state it comes to rest in; while work runs, with what that comes to.
   */
  begin(): Promise<EnrollmentState>;
  /**
   * Answers the questions of state 'asking' and does what can be done with them. Resolves with the state it comes to rest
   * in: asking (again), waiting-for-approval, stopped, denied or done. In any other state it changes nothing.
   */
  answer(answers: EnrollmentAnswers): Promise<EnrollmentState>;
  /** Stops asking the CA. What is done stays done; {@link begin} goes on. */
  leave(): void;
  /** Calls back at every change; the returned function ends it. */
  onChange(listener: (state: EnrollmentState) => void): () => void;
}

export function createEnrollment(_ports: EnrollmentPorts): Enrollment {
  throw new Error('under construction');
}
