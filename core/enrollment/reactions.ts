/** What follows from a failure: ask the person again, try again by itself, or stop. Pure. */
import type { Failure, FailureKind } from '../failures.ts';
import { isOfThisRecord, type EnrollmentFacts } from './facts.ts';
import type { EnrollmentRecord } from './record.ts';

export type Reaction = 'ask-again' | 'try-later' | 'stop';

/** The person can answer otherwise. */
const ANSWERABLE: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'pin-wrong',
  'pin-invalid',
  'puk-wrong',
  'puk-blocked',
  'touch-timeout',
  'key-type-unsupported',
  'csr-key-refused',
  'csr-name-refused',
]);

/** The CA is away for now. */
const PASSING: ReadonlySet<FailureKind> = new Set<FailureKind>(['authority-unreachable', 'authority-locked', 'too-many-requests']);

/** Another CSR for the same key pair may do. */
const REFUSES_CSR: ReadonlySet<FailureKind> = new Set<FailureKind>(['csr-name-refused', 'csr-unreadable', 'csr-signature-invalid']);

/** Only another key pair may do. */
const REFUSES_KEY_PAIR: ReadonlySet<FailureKind> = new Set<FailureKind>(['csr-key-refused', 'request-denied']);

export function reactionTo(failure: Failure): Reaction {
  if (ANSWERABLE.has(failure.kind)) return 'ask-again';
  return PASSING.has(failure.kind) ? 'try-later' : 'stop';
}

/**
 * The record after a refusal: without the CSR that was refused, and with its key pair discarded where that was the reason.
 * null: nothing changes.
 */
export function recordAfter(facts: EnrollmentFacts, failure: Failure): EnrollmentRecord | null {
  const { record } = facts;
  if (record === null || !isOfThisRecord(facts, record)) return null;
  if (REFUSES_CSR.has(failure.kind)) return { ...record, csr: null, request: null };
  return REFUSES_KEY_PAIR.has(failure.kind) ? discarded(facts, record) : null;
}

function discarded(facts: EnrollmentFacts, record: EnrollmentRecord): EnrollmentRecord | null {
  const { publicKeySha256 } = facts;
  return publicKeySha256 === null ? null : { ...record, keyPair: { kind: 'discarded', publicKeySha256 }, csr: null, request: null };
}
