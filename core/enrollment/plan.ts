/** What is left to do and what has to be asked, computed from facts alone: nothing is remembered. Pure. */
import type { SubmittedRequest } from '../certificate-authority.ts';
import type { Failure } from '../failures.ts';
import { type EnrollmentFacts, isOfThisRecord, slotOwner } from './facts.ts';
import { canRetireKey } from '../key-care/ways-out.ts';
import { pinRulesOf } from '../key-care/pin-rules.ts';
import { offeredKeyTypes, offeredPinPolicies } from './key-types.ts';
import type { EnrollmentQuestions, EnrollmentStepId } from './state.ts';
import { STEPS, nextStretch, remainingSteps } from './steps.ts';

export type EnrollmentPlan =
  /** The key is enrolled and proven. */
  | { readonly kind: 'finished'; readonly certificate: Uint8Array }
  /** An approver said no, and the person has not been told yet. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** Nothing that could be asked or done here helps. */
  | { readonly kind: 'stuck'; readonly failure: Failure; readonly remaining: readonly EnrollmentStepId[] }
  | { readonly kind: 'ask'; readonly questions: EnrollmentQuestions; readonly remaining: readonly EnrollmentStepId[] }
  /** The next steps need nobody. */
  | { readonly kind: 'proceed'; readonly remaining: readonly EnrollmentStepId[] }
  | { readonly kind: 'wait'; readonly request: SubmittedRequest; readonly remaining: readonly EnrollmentStepId[] };

export function planEnrollment(facts: EnrollmentFacts): EnrollmentPlan {
  const remaining = remainingSteps(facts);
  if (facts.held?.fits && remaining.length === 0) return { kind: 'finished', certificate: facts.held.certificate };
  const denial = untoldDenial(facts);
  if (denial !== null) return { kind: 'denied', reason: denial };
  const stretch = nextStretch(remaining);
  if (stretch.length === 0 && facts.request !== null) return { kind: 'wait', request: facts.request, remaining };
  const obstacle = findObstacle(facts, stretch);
  if (obstacle !== null) return { kind: 'stuck', failure: obstacle, remaining };
  if (stretch.every((id) => STEPS[id].needs.length === 0)) return { kind: 'proceed', remaining };
  return { kind: 'ask', questions: questionsFor(facts, stretch), remaining };
}

/**
 * The reason of a denial of the request that this computer noted; told once, because telling discards the key pair. One
 * that nobody decided in time is told like one that was denied without a word; who withdrew it knows.
 */
function untoldDenial(facts: EnrollmentFacts): string | null {
  const { record, request } = facts;
  if ((request?.status !== 'denied' && request?.status !== 'expired') || record === null || record.keyPair.kind === 'discarded') return null;
  return isOfThisRecord(facts, record) && slotOwner(facts) === 'discarded' ? (request.denialReason ?? '') : null;
}

/** What keeps the next steps from running, whatever the person answers. */
function findObstacle(facts: EnrollmentFacts, stretch: readonly EnrollmentStepId[]): Failure | null {
  const { pin } = facts.key;
  const needsPin = stretch.some((id) => STEPS[id].needs.includes('pin'));
  if (needsPin && pin.attemptsLeft === 0) return { kind: 'pin-blocked' };
  // A management key that is neither factory nor flagged as stored on the key is no obstacle yet: a run that was cut off
  // between setting it and the flag leaves it so, and only with the PIN can it be told from one that another program set.
  // Found before the PIN is asked for: nothing is asked in vain.
  if (stretch.includes('check') && slotOwner(facts) === 'ours' && facts.issued?.unfit) return facts.issued.unfit;
  return null;
}

function questionsFor(facts: EnrollmentFacts, stretch: readonly EnrollmentStepId[]): EnrollmentQuestions {
  const { key } = facts;
  return {
    pin: pinQuestion(facts, stretch),
    pinAttemptsLeft: key.pin.attemptsLeft,
    rules: pinRulesOf(key),
    puk: stretch.includes('puk') ? (key.puk.isFactory === true ? 'choose' : 'enter-or-keep') : null,
    identity: stretch.includes('csr') ? identityQuestion(facts) : null,
    keyPair: stretch.includes('key-pair') ? { offered: offeredKeyTypes(key.firmware), offeredPinPolicies: offeredPinPolicies(key), firmware: key.firmware } : null,
    replaces: stretch.includes('key-pair') ? replacedBy(facts) : null,
    isFinishing: stretch.every((id) => id === 'check' || id === 'write' || id === 'prove'),
  };
}

/** Whether answers to one set of questions answer the other too: all but the attempts left. */
export function asksTheSame(a: EnrollmentQuestions, b: EnrollmentQuestions): boolean {
  const compared = ({ pin, puk, keyPair, replaces, identity, isFinishing }: EnrollmentQuestions): string =>
    JSON.stringify([pin, puk, keyPair?.offered, replaces, identity, isFinishing]);
  return compared(a) === compared(b);
}

function pinQuestion(facts: EnrollmentFacts, stretch: readonly EnrollmentStepId[]): EnrollmentQuestions['pin'] {
  if (facts.key.pin.isFactory === true) return 'choose';
  return stretch.includes('pin') ? 'enter-or-change' : 'enter';
}

/** What the invitation says cannot be changed; the CA's very first one may invite whoever comes, and says nothing. */
function identityQuestion({ invited }: EnrollmentFacts): NonNullable<EnrollmentQuestions['identity']> {
  const { name, email } = invited ?? { name: '', email: '' };
  return { name, email, isFixed: name !== '' && email !== '' };
}

/** What a new key pair would destroy. What this computer made for the same enrollment is not worth a question. */
function replacedBy(facts: EnrollmentFacts): EnrollmentQuestions['replaces'] {
  const owner = slotOwner(facts);
  if (owner === 'empty' || isOfThisRecord(facts, facts.record)) return null;
  const canKeep = canRetireKey(facts.key) && facts.key.authentication.keyPair !== null;
  return { certificateSubject: facts.held?.subject ?? null, certificateExpiresAt: facts.held?.expiresAt ?? null, canKeep };
}
