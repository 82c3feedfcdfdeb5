/** A new certificate while the old one is still good: asked first, and kept aside where the key can. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { failed } from '../../core/result.ts';
import { enrollAndApprove } from './approving.ts';
import { type FlowAuthority, need, startFlowAuthority } from './flow-authority.ts';
import { inProcessSecurityKey } from './in-process-key.ts';
import { Person } from './person.ts';

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

async function enrolled(firmware: string, serial: number): Promise<Person> {
  const person = new Person({ key: { firmware, serial }, authority });
  expect(await enrollAndApprove(person, authority)).toMatchObject({ kind: 'done' });
  return person;
}

function numberOf(state: EnrollmentState): string | null {
  return state.kind === 'done' ? state.certificate.serialNumber : null;
}

describe('renewing', () => {
  test('is asked for: a key that is enrolled is done otherwise, and stays so', async () => {
    const person = await enrolled('5.4.3', 5_217_001);
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'done' });
    const asked = await person.enrollment.begin({ renews: true });
    expect(asked).toMatchObject({ kind: 'asking', questions: { pin: 'enter', puk: null, replaces: { canKeep: false } } });
    expect(person.startApp()).toBeDefined();
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'done' });
    expect(person.timesAskedToReplace).toBe(0);
  });

  test.each(['5.2.4', '5.4.3', '5.7.1'])('ends with another certificate that is proven, on firmware %s', async (firmware) => {
    const person = await enrolled(firmware, 5_217_002);
    const first = numberOf(await person.enrollment.begin());
    await person.enrollment.begin({ renews: true });
    const second = await enrollAndApprove(person, authority);
    expect(second).toMatchObject({ kind: 'done', proof: { signed: true } });
    expect(numberOf(second)).not.toBe(first);
    expect(person.timesAskedToReplace).toBe(1);
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'done' });
    expect([person.bugs, person.watched.lostAttempts]).toEqual([[], []]);
  });

  test('needs nobody where the old key proved itself: the CA issues at once', async () => {
    const person = await enrolled('5.4.3', 5_217_004);
    const before = numberOf(await person.enrollment.begin());
    const asked = await person.enrollment.begin({ renews: true });
    if (asked.kind !== 'asking') throw new Error(asked.kind);
    const state = await person.enrollment.answer(person.answersTo(asked.questions));
    expect(state).toMatchObject({ kind: 'done' });
    expect(numberOf(state)).not.toBe(before);
    const [entry] = need(await authority.approver.all()).filter(({ verified, renews }) => verified.attestation?.serial === 5_217_004 && renews !== null);
    expect(entry).toMatchObject({ renews: before, decision: { by: 'Renewal' }, status: 'issued' });
  });

  test.each(['generating', 'generated', 'submitting'] as const)('cut off while %s, with the old key gone, it still needs nobody', async (moment) => {
    const person = await enrolled('5.7.1', { generating: 5_217_011, generated: 5_217_012, submitting: 5_217_013 }[moment]);
    const asked = await person.enrollment.begin({ renews: true });
    if (asked.kind !== 'asking') throw new Error(asked.kind);
    const { client } = authority;
    // The CA is away from then on; the app ends, and is started again the next day.
    const away = { ...client, submit: async () => failed({ kind: 'authority-unreachable', address: '' }) } as const;
    person.startApp(away);
    const again = await person.enrollment.begin({ renews: true });
    if (again.kind !== 'asking') throw new Error(again.kind);
    const write = person.records.write.bind(person.records);
    let isEnded = false;
    person.records.write = async (record) => {
      if (isEnded) throw new Error('ended');
      await write(record);
      isEnded = (moment === 'generating' && record.keyPair.kind === 'generating') || (moment === 'generated' && record.keyPair.kind === 'generated');
    };
    await person.enrollment.answer(person.answersTo(again.questions));
    person.enrollment.leave();
    person.records.write = write;
    person.startApp();
    const state = await person.goOn(moment === 'generating' ? await person.enrollment.begin({ renews: true }) : undefined);
    expect(state).toMatchObject({ kind: 'done' });
    const [entry] = need(await authority.approver.all()).filter(({ verified, renews }) => verified.attestation?.serial === person.card.serial && renews !== null);
    expect(entry).toMatchObject({ decision: { by: 'Renewal' } });
  });

  test('where the CA gives no code an approver decides', async () => {
    const person = await enrolled('5.4.3', 5_217_014);
    person.startApp({ ...authority.client, renewalCode: async () => ({ ok: true, value: null }) });
    const asked = await person.enrollment.begin({ renews: true });
    if (asked.kind !== 'asking') throw new Error(asked.kind);
    expect(await person.enrollment.answer(person.answersTo(asked.questions))).toMatchObject({ kind: 'waiting-for-approval' });
  });

  test('where the CA is away the old key and its certificate stay', async () => {
    const person = await enrolled('5.4.3', 5_217_015);
    const before = numberOf(await person.enrollment.begin());
    person.startApp({ ...authority.client, renewalCode: async () => failed({ kind: 'authority-unreachable', address: '' }) });
    const asked = await person.enrollment.begin({ renews: true });
    if (asked.kind !== 'asking') throw new Error(asked.kind);
    expect(await person.enrollment.answer(person.answersTo(asked.questions))).toMatchObject({ kind: 'stopped', failure: { kind: 'authority-unreachable' } });
    person.startApp();
    expect(numberOf(await person.enrollment.begin())).toBe(before);
  });

  test('keeps the old certificate aside where the person wants it (5.7)', async () => {
    const person = await enrolled('5.7.1', 5_217_003);
    const asked = await person.enrollment.begin({ renews: true });
    if (asked.kind !== 'asking') throw new Error(asked.kind);
    const { replace: _, ...answers } = person.answersTo(asked.questions);
    await person.enrollment.answer({ ...answers, keepOldKey: true });
    expect(await enrollAndApprove(person, authority)).toMatchObject({ kind: 'done' });
    const held = need(await inProcessSecurityKey(person.card).inventory());
    expect(held.map(({ slot, fits }) => [slot, fits])).toEqual([['9a', true], ['82', true]]);
  });
});
