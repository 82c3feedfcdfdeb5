/** How one state becomes the next; the drawing is in state.ts. Pure and exhaustive: run.ts does the work and tells it here. */
import type { Failure } from '../failures.ts';
import { unreachable } from '../result.ts';
import type { KeyProof } from '../security-key.ts';
import type {
  EnrolledCertificate,
  EnrollmentQuestions,
  EnrollmentState,
  EnrollmentStepId,
  StepProgress,
  WaitingRequest,
} from './state.ts';
import { progressOf } from './steps.ts';

export type EnrollmentEvent =
  | { readonly kind: 'reading-began' }
  | {
      readonly kind: 'answers-wanted';
      readonly questions: EnrollmentQuestions;
      readonly remaining: readonly EnrollmentStepId[];
      readonly problem: Failure | null;
    }
  | { readonly kind: 'work-began'; readonly remaining: readonly EnrollmentStepId[] }
  | { readonly kind: 'step-began'; readonly step: EnrollmentStepId; readonly at: Date }
  | { readonly kind: 'touch-wanted'; readonly step: EnrollmentStepId; readonly at: Date }
  | { readonly kind: 'step-ended'; readonly step: EnrollmentStepId }
  | {
      readonly kind: 'approval-awaited';
      readonly request: WaitingRequest;
      readonly remaining: readonly EnrollmentStepId[];
      readonly offline: Failure | null;
    }
  | { readonly kind: 'authority-asked'; readonly offline: Failure | null }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly remaining: readonly EnrollmentStepId[] | null }
  | { readonly kind: 'denied'; readonly reason: string }
  | { readonly kind: 'finished'; readonly certificate: EnrolledCertificate; readonly proof: KeyProof | null };

/** The state after an event. An event that cannot happen in a state is a bug, and throws. */
export function transition(state: EnrollmentState, event: EnrollmentEvent): EnrollmentState {
  switch (event.kind) {
    case 'reading-began':
      return { kind: 'reading' };
    case 'answers-wanted':
      return { kind: 'asking', questions: event.questions, steps: progressOf(event.remaining), problem: event.problem };
    case 'work-began':
      return { kind: 'working', steps: progressOf(event.remaining) };
    case 'step-began':
      return whileWorking(state, event, (step) => ({ ...step, state: 'working', since: event.at }));
    case 'touch-wanted':
      return whileWorking(state, event, (step) => ({ ...step, state: 'waiting', since: event.at }));
    case 'step-ended':
      return whileWorking(state, event, (step) => ({ ...step, state: 'done', since: null }));
    case 'approval-awaited':
      return waitingForApproval(event);
    case 'authority-asked':
      if (state.kind !== 'waiting-for-approval') throw impossible(state, event);
      return { ...state, offline: event.offline };
    case 'failed':
      return { kind: 'stopped', failure: event.failure, steps: stoppedSteps(state, event.remaining) };
    case 'denied':
      return { kind: 'denied', reason: event.reason, steps: markStopped(progressOf(FROM_APPROVAL), 'approval') };
    case 'finished':
      return { kind: 'done', certificate: event.certificate, proof: event.proof, steps: progressOf([]) };
    default:
      return unreachable(event);
  }
}

/** A denial is shown on the list as it was when the approver said no. */
const FROM_APPROVAL: readonly EnrollmentStepId[] = ['approval', 'check', 'write', 'prove'];

type WorkingEvent = Extract<EnrollmentEvent, { readonly step: EnrollmentStepId }>;

function whileWorking(state: EnrollmentState, event: WorkingEvent, change: (step: StepProgress) => StepProgress): EnrollmentState {
  if (state.kind !== 'working') throw impossible(state, event);
  return { ...state, steps: state.steps.map((step) => (step.id === event.step ? change(step) : step)) };
}

function waitingForApproval(event: Extract<EnrollmentEvent, { kind: 'approval-awaited' }>): EnrollmentState {
  const steps = progressOf(event.remaining).map(
    (step): StepProgress => (step.id === 'approval' ? { ...step, state: 'waiting', since: event.request.submittedAt } : step),
  );
  return { kind: 'waiting-for-approval', steps, request: event.request, offline: event.offline };
}

/** The list with the step on which it stopped: the one that ran, or the first that is left where none ran. */
function stoppedSteps(state: EnrollmentState, remaining: readonly EnrollmentStepId[] | null): readonly StepProgress[] {
  const known = remaining === null ? ('steps' in state ? state.steps : []) : progressOf(remaining);
  const active = known.find((step) => step.state === 'working' || step.state === 'waiting' || step.state === 'stopped');
  const first = active ?? known.find((step) => step.state === 'to-do');
  return first === undefined ? known : markStopped(known, first.id);
}

function markStopped(steps: readonly StepProgress[], id: EnrollmentStepId): readonly StepProgress[] {
  return steps.map((step) => (step.id === id ? { ...step, state: 'stopped', since: null } : step));
}

function impossible(state: EnrollmentState, event: EnrollmentEvent): Error {
  return new Error(`Event ${event.kind} in state ${state.kind}`);
}
