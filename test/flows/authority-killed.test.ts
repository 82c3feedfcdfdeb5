/** The CA is killed with -9 between any two steps, and in the middle of a submission. No request is lost, no serial number is given twice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertificateAuthority } from '../../core/certificate-authority.ts';
import { ENROLLMENT_STEPS, type EnrollmentState, type EnrollmentStepId } from '../../core/enrollment/state.ts';
import { type AuthorityProcess, startAuthorityProcess } from './authority-process.ts';
import { need } from './flow-authority.ts';
import { Person } from './person.ts';

let authority: AuthorityProcess;
beforeAll(async () => {
  authority = await startAuthorityProcess();
});
afterAll(() => authority.close());

let serial = 5_240_000;

/** Goes on to the end, the CA coming back whenever it is gone and the approver saying yes. */
async function finish(person: Person, restarted: () => Promise<unknown>): Promise<EnrollmentState> {
  let state = await person.goOn();
  for (let rounds = 0; state.kind !== 'done' && rounds < 10; rounds++) {
    await restarted();
    if (state.kind === 'waiting-for-approval') need(await approveOnce(state.request.id));
    state = await person.goOn();
  }
  return state;
}

/** The answer to a decision may have got lost with the CA: what is decided is decided. */
async function approveOnce(id: string) {
  const { status } = need(await authority.approver.request(id));
  return status === 'pending' ? authority.approver.approve(id) : authority.approver.request(id);
}

/** Every key has one request, every certificate its own serial number. */
async function expectNothingLostOrTwice(person: Person): Promise<void> {
  const entries = need(await authority.approver.all(1000));
  expect(entries.filter((entry) => entry.verified.attestation?.serial === person.card.serial)).toHaveLength(1);
  const serialNumbers = entries.map((entry) => entry.certificateSerialNumber).filter((number) => number !== null);
  expect(new Set(serialNumbers).size).toBe(serialNumbers.length);
}

describe('killed when a step begins', () => {
  test.each<EnrollmentStepId>(ENROLLMENT_STEPS.filter((step) => step !== 'approval'))('%s', async (step) => {
    const person = new Person({ key: { firmware: '5.4.3', serial: ++serial }, authority });
    const restarts: Promise<void>[] = [];
    person.enrollment.onChange((state) => {
      const hasBegun = state.kind === 'working' && state.steps.some(({ id, state: progress }) => id === step && progress === 'working');
      if (!hasBegun || restarts.length > 0) return;
      authority.kill();
      restarts.push(authority.startAgain());
    });
    const state = await finish(person, () => Promise.all(restarts));
    expect(restarts).toHaveLength(1);
    expect(state.kind).toBe('done');
    expect(person.watched.lostAttempts).toEqual([]);
    await Promise.all(restarts);
    await expectNothingLostOrTwice(person);
  });
});

describe('killed while it works', () => {
  test.each([0, 2, 4, 8, 16])('%i ms into a submission', async (milliseconds) => {
    const restarts: Promise<void>[] = [];
    const killing: CertificateAuthority = {
      ...authority.client,
      submit: async (csr, code) => {
        const answer = authority.client.submit(csr, code);
        if (restarts.length === 0) {
          await new Promise((resolve) => setTimeout(resolve, milliseconds));
          authority.kill();
          restarts.push(authority.startAgain());
        }
        return answer;
      },
    };
    const person = new Person({ key: { firmware: '5.4.3', serial: ++serial }, authority: { ...authority, client: killing } });
    const state = await finish(person, () => Promise.all(restarts));
    expect(state.kind).toBe('done');
    await expectNothingLostOrTwice(person);
  });

  test('while it issues: the approved request is issued when it is back', async () => {
    const person = new Person({ key: { firmware: '5.4.3', serial: ++serial }, authority });
    const waiting = await person.goOn();
    if (waiting.kind !== 'waiting-for-approval') throw new Error(waiting.kind);
    const decision = authority.approver.approve(waiting.request.id);
    await new Promise((resolve) => setTimeout(resolve, 3));
    authority.kill();
    const restart = authority.startAgain();
    await Promise.all([decision, restart]);
    expect((await finish(person, () => restart)).kind).toBe('done');
    await expectNothingLostOrTwice(person);
  });
});
