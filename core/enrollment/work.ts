/** Works through the steps that can run now: what is left is computed anew after each, from the facts as they are then. */
import type { SubmittedRequest } from '../certificate-authority.ts';
import type { Failure } from '../failures.ts';
import { type Result, done, failed } from '../result.ts';
import type { KeyProof } from '../security-key.ts';
import type { CheckedAnswers } from './check-answers.ts';
import type { EnrollmentFacts } from './facts.ts';
import type { EnrollmentPorts } from './ports.ts';
import type { EnrollmentStepId } from './state.ts';
import { STEP_EFFECTS, type StepRun, certificateOf, rereadKey } from './step-effects.ts';
import { STEPS, remainingSteps } from './steps.ts';
import type { EnrollmentEvent } from './transition.ts';

/** Where the work came to rest. */
export type WorkOutcome =
  | { readonly kind: 'finished'; readonly certificate: Uint8Array; readonly proof: KeyProof | null }
  | { readonly kind: 'waits-for-approval'; readonly facts: EnrollmentFacts; readonly request: SubmittedRequest }
  /** The next step needs the person, who was not asked for it. */
  | { readonly kind: 'needs-answers'; readonly facts: EnrollmentFacts }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly facts: EnrollmentFacts };

/** Runs the steps that are left, with the answers or (null) as far as nobody is needed. */
export async function workThroughSteps(
  ports: EnrollmentPorts,
  facts: EnrollmentFacts,
  answers: CheckedAnswers | null,
  tell: (event: EnrollmentEvent) => void,
): Promise<WorkOutcome> {
  let current: EnrollmentStepId | null = null;
  const onActivity = (): void => {
    if (current !== null) tell({ kind: 'touch-wanted', step: current, at: ports.clock.now() });
  };
  // With 'enter' the PIN is the one the person typed; with 'choose' the step `pin` makes it so.
  const pin = answers?.pin.replacement === null ? answers.pin.current : null;
  const run: StepRun = { ports, answers, facts, pin, attestation: null, proof: null, onActivity };
  const executed = new Set<EnrollmentStepId>();
  tell({ kind: 'work-began', remaining: remainingSteps(facts) });
  for (;;) {
    const step = remainingSteps(run.facts).find((id) => !executed.has(id));
    if (step === undefined) return { kind: 'finished', certificate: certificateOf(run), proof: run.proof };
    if (step === 'approval') return atApproval(run.facts);
    if (answers === null && STEPS[step].needs.length > 0) return { kind: 'needs-answers', facts: run.facts };
    current = step;
    tell({ kind: 'step-began', step, at: ports.clock.now() });
    const result = await STEP_EFFECTS[step](run);
    current = null;
    executed.add(step);
    const checked = result.ok ? await checkOnKey(run, step, executed) : result;
    if (!checked.ok) return { kind: 'failed', failure: checked.failure, facts: run.facts };
    tell({ kind: 'step-ended', step });
  }
}

function atApproval(facts: EnrollmentFacts): WorkOutcome {
  if (facts.request === null) throw new Error('A request that was not handed in cannot wait for approval.');
  return { kind: 'waits-for-approval', facts, request: facts.request };
}

/** Steps whose effect shows when the key is read. */
const SHOWN_BY_THE_KEY: readonly EnrollmentStepId[] = ['pin', 'puk', 'management-key', 'key-pair'];
const isShown = (id: EnrollmentStepId): boolean => SHOWN_BY_THE_KEY.includes(id);

/**
 * After the last of the steps that change the key it is read anew, once for all of them: reading takes as long as a step.
 * A key that said "done" and did nothing is not believed.
 */
async function checkOnKey(run: StepRun, step: EnrollmentStepId, executed: ReadonlySet<EnrollmentStepId>): Promise<Result<void>> {
  if (!isShown(step) || remainingSteps(run.facts).some((id) => isShown(id) && !executed.has(id))) return done;
  const read = await rereadKey(run);
  if (!read.ok) return read;
  const unkept = SHOWN_BY_THE_KEY.find((id) => executed.has(id) && STEPS[id].completion(run.facts) === 'to-do');
  return unkept === undefined ? done : failed({ kind: 'security-key-unresponsive', detail: `the key confirmed step ${unkept}, and it did not hold` });
}
