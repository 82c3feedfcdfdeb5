import { COMMON_PIN_RULES } from '../../../core/key-care/pin-rules.ts';
import { describe, expect, test } from 'vitest';
import type { EnrollmentState } from '../../../core/enrollment/state.ts';
import { type EnrollmentEvent, transition } from '../../../core/enrollment/transition.ts';

const AT = new Date('2026-03-01T10:00:00Z');
const QUESTIONS = { pin: 'enter', pinAttemptsLeft: 3, rules: COMMON_PIN_RULES, puk: null, identity: null, keyPair: null, replaces: null, isFinishing: true } as const;
const REQUEST = { id: '0'.repeat(32), words: ['a', 'b', 'c', 'd'], submittedAt: AT, authorityName: 'Example CA' };
const CERTIFICATE = { name: 'Ana', email: null, authorityName: 'Example CA', serialNumber: '01', validFrom: AT, validTo: AT };

const after = (...events: readonly EnrollmentEvent[]): EnrollmentState =>
  events.reduce<EnrollmentState>((state, event) => transition(state, event), { kind: 'reading' });
const stepsOf = (state: EnrollmentState): Record<string, string> =>
  'steps' in state ? Object.fromEntries(state.steps.map((step) => [step.id, step.state])) : {};

const WORK: EnrollmentEvent = { kind: 'work-began', remaining: ['csr', 'submit', 'approval', 'check', 'write', 'prove'] };
const WAIT: EnrollmentEvent = { kind: 'approval-awaited', request: REQUEST, remaining: ['approval', 'check', 'write', 'prove'], offline: null };

describe('transition', () => {
  test('shows what is done and what is left', () => {
    expect(stepsOf(after({ kind: 'answers-wanted', questions: QUESTIONS, remaining: ['check', 'write', 'prove'], problem: null }))).toMatchObject({
      pin: 'done',
      approval: 'done',
      check: 'to-do',
      prove: 'to-do',
    });
  });

  test('a step works, waits for a touch, and is done', () => {
    const began = after(WORK, { kind: 'step-began', step: 'csr', at: AT });
    expect(began).toMatchObject({ kind: 'working' });
    expect(stepsOf(began)['csr']).toBe('working');
    const touch = transition(began, { kind: 'touch-wanted', step: 'csr', at: AT });
    expect(stepsOf(touch)['csr']).toBe('waiting');
    expect(stepsOf(transition(touch, { kind: 'step-ended', step: 'csr' }))).toMatchObject({ csr: 'done', submit: 'to-do' });
  });

  test('a failure marks the step that ran', () => {
    const stopped = after(WORK, { kind: 'step-began', step: 'csr', at: AT }, { kind: 'failed', failure: { kind: 'security-key-removed' }, remaining: null });
    expect(stopped).toMatchObject({ kind: 'stopped', failure: { kind: 'security-key-removed' } });
    expect(stepsOf(stopped)).toMatchObject({ 'key-pair': 'done', csr: 'stopped', submit: 'to-do' });
  });

  test('a failure before any work has no list to show', () => {
    expect(after({ kind: 'failed', failure: { kind: 'security-key-removed' }, remaining: null })).toMatchObject({ kind: 'stopped', steps: [] });
  });

  test('waiting for approval shows since when, and whether the CA is away', () => {
    const waiting = after(WORK, WAIT);
    expect(waiting).toMatchObject({ kind: 'waiting-for-approval', request: REQUEST, offline: null });
    expect('steps' in waiting && waiting.steps.find((step) => step.id === 'approval')).toEqual({ id: 'approval', state: 'waiting', since: AT });
    const offline = transition(waiting, { kind: 'authority-asked', offline: { kind: 'authority-locked' } });
    expect(offline).toMatchObject({ kind: 'waiting-for-approval', request: REQUEST, offline: { kind: 'authority-locked' } });
    expect(transition(offline, { kind: 'authority-asked', offline: null })).toMatchObject({ offline: null });
  });

  test('denied shows the list as it was', () => {
    expect(stepsOf(after(WORK, WAIT, { kind: 'denied', reason: 'No' }))).toMatchObject({ submit: 'done', approval: 'stopped', check: 'to-do' });
  });

  test('done has nothing left', () => {
    const done = after(WORK, { kind: 'finished', certificate: CERTIFICATE, proof: null });
    expect(new Set(Object.values(stepsOf(done)))).toEqual(new Set(['done']));
  });

  test('an event that cannot happen is a bug', () => {
    expect(() => after({ kind: 'step-began', step: 'csr', at: AT })).toThrow('step-began in state reading');
    expect(() => after(WORK, { kind: 'authority-asked', offline: null })).toThrow('authority-asked in state working');
  });
});
