/**
 * The steps of an enrollment, in the order of what can be lost: one row says what a step needs of the person, when it is
 * done, what cannot be had back after it, and how it is undone.
 */
import { type EnrollmentFacts, type SlotOwner, isOfThisRecord, slotOwner } from './facts.ts';
import { ENROLLMENT_STEPS, type EnrollmentStepId, type StepProgress } from './state.ts';

/** 'unknown': the firmware does not tell; the step runs once, and changes nothing where nothing is to be changed. */
export type StepCompletion = 'done' | 'to-do' | 'unknown';

export interface EnrollmentStep {
  readonly id: EnrollmentStepId;
  /** What the person has to give or do before it can run. */
  readonly needs: readonly ('pin' | 'puk' | 'identity' | 'consent')[];
  readonly completion: (facts: EnrollmentFacts) => StepCompletion;
  /** What is gone for good once it ran; null: nothing. What recovery needs is stored before that. */
  readonly pointOfNoReturn: string | null;
  /** How it is taken back. */
  readonly undo: string;
}

const hasOurKey = (owner: SlotOwner): boolean => owner === 'ours' || owner === 'enrolled';
const doneIf = (isDone: boolean): StepCompletion => (isDone ? 'done' : 'to-do');

/** Where the firmware does not tell (before 5.3), a key pair of ours says that this step came before it. */
function ofReferenceData(isFactory: boolean | null, facts: EnrollmentFacts): StepCompletion {
  if (isFactory !== null) return doneIf(!isFactory);
  return hasOurKey(slotOwner(facts)) ? 'done' : 'unknown';
}

function managementKeyCompletion(facts: EnrollmentFacts): StepCompletion {
  const { isFactory, isPinProtected } = facts.key.managementKey;
  if (isFactory === true) return 'to-do';
  if (isFactory === false && isPinProtected) return 'done';
  const owner = slotOwner(facts);
  if (owner === 'enrolled') return 'done';
  if (isFactory === null) return owner === 'ours' ? 'done' : 'unknown';
  return 'to-do';
}

/** Done once the CSR of our key is noted here or handed in. */
function csrCompletion(facts: EnrollmentFacts): StepCompletion {
  const owner = slotOwner(facts);
  if (owner === 'enrolled') return 'done';
  const isNoted = (facts.record?.csr ?? null) !== null && isOfThisRecord(facts, facts.record);
  return doneIf(owner === 'ours' && (isNoted || facts.request !== null));
}

/** An enrolled key without a record was proven; with one, the last run ended between writing and proof. */
function finishCompletion(facts: EnrollmentFacts): StepCompletion {
  return doneIf(slotOwner(facts) === 'enrolled' && !isOfThisRecord(facts, facts.record));
}

export const STEPS: Readonly<Record<EnrollmentStepId, EnrollmentStep>> = {
  pin: {
    id: 'pin',
    needs: ['pin'],
    completion: (facts) => ofReferenceData(facts.key.pin.isFactory, facts),
    pointOfNoReturn: null,
    undo: 'change the PIN back, or set it anew with the PUK',
  },
  puk: {
    id: 'puk',
    needs: ['puk'],
    // A blocked PUK cannot be changed any more, and keeps nobody from enrolling.
    completion: (facts) => (facts.key.puk.attemptsLeft === 0 ? 'done' : ofReferenceData(facts.key.puk.isFactory, facts)),
    pointOfNoReturn: null,
    undo: 'change the PUK back; the person has it before it is set',
  },
  'management-key': {
    id: 'management-key',
    needs: ['pin'],
    completion: managementKeyCompletion,
    pointOfNoReturn: 'the factory management key; its successor is stored in PRINTED, readable with the PIN, before it is set',
    undo: 'ykman piv access change-management-key, with the PIN',
  },
  'key-pair': {
    id: 'key-pair',
    needs: ['pin', 'consent'],
    completion: (facts) => doneIf(hasOurKey(slotOwner(facts))),
    pointOfNoReturn: 'the key pair that was in 9a before',
    undo: 'none; the person agreed to what is replaced',
  },
  attestation: {
    id: 'attestation',
    needs: [],
    completion: csrCompletion,
    pointOfNoReturn: null,
    undo: 'none needed: it reads',
  },
  csr: {
    id: 'csr',
    needs: ['pin', 'identity'],
    completion: csrCompletion,
    pointOfNoReturn: null,
    undo: 'forget the record',
  },
  submit: {
    id: 'submit',
    needs: [],
    completion: (facts) => {
      const owner = slotOwner(facts);
      return doneIf(owner === 'enrolled' || (owner === 'ours' && facts.request !== null));
    },
    pointOfNoReturn: 'the invitation code; the CSR is stored before, and handing it in again is answered alike',
    undo: 'the approver denies it',
  },
  approval: {
    id: 'approval',
    needs: [],
    completion: (facts) => {
      const owner = slotOwner(facts);
      return doneIf(owner === 'enrolled' || (owner === 'ours' && facts.issued !== null));
    },
    pointOfNoReturn: null,
    undo: 'the approver revokes',
  },
  check: { id: 'check', needs: [], completion: finishCompletion, pointOfNoReturn: null, undo: 'none needed: it reads' },
  write: {
    id: 'write',
    needs: ['pin'],
    completion: finishCompletion,
    pointOfNoReturn: 'the certificate that was in 9a before; the CA keeps those it issued',
    undo: 'delete the certificate object',
  },
  prove: { id: 'prove', needs: ['pin'], completion: finishCompletion, pointOfNoReturn: null, undo: 'none needed: it signs a challenge' },
};

/** What is left, in order. */
export function remainingSteps(facts: EnrollmentFacts): readonly EnrollmentStepId[] {
  return ENROLLMENT_STEPS.filter((id) => STEPS[id].completion(facts) !== 'done');
}

/** The steps that can run now: up to the approval where that is still to come, or all. */
export function nextStretch(remaining: readonly EnrollmentStepId[]): readonly EnrollmentStepId[] {
  const approval = remaining.indexOf('approval');
  return approval === -1 ? remaining : remaining.slice(0, approval);
}

/** The list on the screen, nothing running. */
export function progressOf(remaining: readonly EnrollmentStepId[]): readonly StepProgress[] {
  return ENROLLMENT_STEPS.map((id) => ({ id, state: remaining.includes(id) ? 'to-do' : 'done', since: null }));
}

