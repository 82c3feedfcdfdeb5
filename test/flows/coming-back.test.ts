/** Interrupted and continued: the app restarted, the CA away, the approver saying no, another key in the reader. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertificateAuthority, SubmittedRequest } from '../../core/certificate-authority.ts';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { type Result, failed, success } from '../../core/result.ts';
import { enrollAndApprove } from './approving.ts';
import { type FlowAuthority, need, startFlowAuthority } from './flow-authority.ts';
import { PIN, Person } from './person.ts';

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

let serial = 5_230_000;
const newPerson = (): Person => new Person({ key: { firmware: '5.4.3', serial: ++serial }, authority });

type Waiting = Extract<EnrollmentState, { kind: 'waiting-for-approval' }>;
function waiting(state: EnrollmentState): Waiting {
  if (state.kind !== 'waiting-for-approval') throw new Error(`Not waiting but ${JSON.stringify(state)}`);
  return state;
}

const UNREACHABLE = { kind: 'authority-unreachable', address: 'https://127.0.0.1:1' } as const;

/** The real CA, behind a cable that can be pulled. */
function cable(): { isCut: boolean; readonly client: CertificateAuthority } {
  const { client } = authority;
  const through = async <T>(ask: () => Promise<Result<T>>): Promise<Result<T>> => (own.isCut ? failed(UNREACHABLE) : ask());
  const own = {
    isCut: false,
    client: {
      submit: (csr, code) => through(() => client.submit(csr, code)),
      request: (id) => through(() => client.request(id)),
      requestForKey: (key) => through(() => client.requestForKey(key)),
      invitation: (code) => through(() => client.invitation(code)),
      withdraw: (id) => through(() => client.withdraw(id)),
      renewalCode: (certificate, sign) => through(() => client.renewalCode(certificate, sign)),
    } satisfies CertificateAuthority,
  };
  return own;
}

describe('the app is ended', () => {
  test('while it waits for approval: the next day it waits for the same, with the same words', async () => {
    const person = newPerson();
    const before = waiting(await person.goOn());
    person.enrollment.leave();
    person.startApp();
    const after = waiting(await person.goOn());
    expect(after.request).toEqual(before.request);
    expect(after.request.words).toHaveLength(4);
    const entry = need(await authority.approver.request(after.request.id));
    expect(entry).toMatchObject({ words: after.request.words, verified: { attestation: { serial: person.card.serial, firmware: '5.4.3', pinPolicy: 'once' } } });
  });

  test('after the approval: the PIN alone puts the certificate onto the key', async () => {
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    person.enrollment.leave();
    need(await authority.approver.approve(request.id));
    person.startApp();
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'asking', questions: { pin: 'enter', isFinishing: true, identity: null, keyPair: null } });
    expect(await person.enrollment.answer({ currentPin: PIN })).toMatchObject({ kind: 'done', proof: { signed: true } });
  });

  test('on another computer: it waits there too, without words, for the CSR is not known there', async () => {
    const person = newPerson();
    const before = waiting(await person.goOn());
    person.records.all.forEach((_text, id) => void person.records.remove(id));
    person.startApp();
    expect(waiting(await person.goOn()).request).toMatchObject({ id: before.request.id, words: [] });
    expect((await enrollAndApprove(person, authority)).kind).toBe('done');
  });
});

test('a second time there is nothing to do, not even with the CA away', async () => {
  const person = newPerson();
  const first = await enrollAndApprove(person, authority);
  const line = cable();
  line.isCut = true;
  person.startApp(line.client);
  expect(await person.enrollment.begin()).toMatchObject({ kind: 'done', proof: null, certificate: first.kind === 'done' ? first.certificate : {} });
});

describe('the approver says no', () => {
  test('it is told once, with the reason; then a new key pair and a new request can be made', async () => {
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    const denied = person.until((state) => state.kind === 'denied');
    need(await authority.approver.deny(request.id, 'Please use your full name'));
    person.clock.pass();
    expect(await denied).toMatchObject({ kind: 'denied', reason: 'Please use your full name' });

    const asked = await person.enrollment.begin();
    expect(asked).toMatchObject({ kind: 'asking', questions: { pin: 'enter', replaces: null, identity: {}, keyPair: {} } });
    const again = waiting(await person.goOn());
    expect(again.request.id).not.toBe(request.id);
    expect((await enrollAndApprove(person, authority)).kind).toBe('done');
  });

  test('while the app is ended: it is told when it comes back', async () => {
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    person.enrollment.leave();
    need(await authority.approver.deny(request.id, 'No'));
    person.startApp();
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'denied', reason: 'No' });
    person.startApp();
    expect((await person.enrollment.begin()).kind).toBe('asking');
  });
});

describe('the CA is away', () => {
  test('while it waits: that is shown, it goes on asking, and finds the certificate when the CA is back', async () => {
    const person = newPerson();
    const line = cable();
    person.startApp(line.client);
    const { request } = waiting(await person.goOn());
    line.isCut = true;
    const offline = person.until((state) => state.kind === 'waiting-for-approval' && state.offline !== null);
    person.clock.pass();
    expect(await offline).toMatchObject({ offline: UNREACHABLE, request });
    need(await authority.approver.approve(request.id));
    line.isCut = false;
    const back = person.until((state) => state.kind === 'asking');
    person.clock.pass();
    expect(await back).toMatchObject({ kind: 'asking', questions: { isFinishing: true } });
  });

  test('when the app comes back: it waits all the same, from what was noted', async () => {
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    const line = cable();
    line.isCut = true;
    person.enrollment.leave();
    person.startApp(line.client);
    expect(await person.goOn()).toMatchObject({ kind: 'waiting-for-approval', request, offline: UNREACHABLE });
  });

  test('when the CSR is to be handed in: that is done by itself later, with the same CSR and without another PIN', async () => {
    const person = newPerson();
    const line = cable();
    person.startApp(line.client);
    const { questions } = await askingOf(person);
    line.isCut = true;
    expect(await person.enrollment.answer(person.answersTo(questions))).toMatchObject({ kind: 'stopped', failure: UNREACHABLE });
    const [noted] = person.records.all.values();
    line.isCut = false;
    const resumed = person.until((state) => state.kind === 'waiting-for-approval');
    person.clock.pass();
    await resumed;
    const [after] = person.records.all.values();
    expect(JSON.parse(after ?? '').csr).toBe(JSON.parse(noted ?? '').csr);
  });

  test('before anything was asked: stopped, and it begins by itself when the CA is back', async () => {
    const person = newPerson();
    await person.goOn();
    person.records.all.forEach((_text, id) => void person.records.remove(id));
    const line = cable();
    line.isCut = true;
    person.enrollment.leave();
    person.startApp(line.client);
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'stopped', failure: UNREACHABLE });
    line.isCut = false;
    const begun = person.until((state) => state.kind === 'waiting-for-approval');
    person.clock.pass();
    await begun;
  });

  test('and has left: nothing is asked any more', async () => {
    const person = newPerson();
    let asked = 0;
    const { client } = authority;
    person.startApp({ ...client, request: (id) => ((asked += 1), client.request(id)) });
    await person.goOn();
    person.enrollment.leave();
    person.clock.pass();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(0);
  });
});

describe('the CA answers strangely', () => {
  const answering = (change: (request: SubmittedRequest) => Result<SubmittedRequest | null>): CertificateAuthority => ({
    ...authority.client,
    requestForKey: async (key) => {
      const answer = await authority.client.requestForKey(key);
      return answer.ok && answer.value !== null ? change(answer.value) : answer;
    },
  });

  test('with the certificate of another key: nothing is written, and the PIN is not asked for', async () => {
    const other = newPerson();
    const foreign = await enrollAndApprove(other, authority);
    expect(foreign.kind).toBe('done');
    const [entry] = need(await authority.approver.all(1000)).filter((request) => request.verified.attestation?.serial === other.card.serial);
    const { certificate } = need(await authority.client.request(entry?.id ?? ''));
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    need(await authority.approver.approve(request.id));
    person.enrollment.leave();
    person.startApp(answering((own) => success(certificate === undefined ? own : { ...own, certificate })));
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'stopped', failure: { kind: 'certificate-unfit', reason: 'public-key' } });
    expect(person.card.exportState().objects['5fc105']).toBeUndefined();
  });

  test('that it never heard of the request: the same CSR is handed in again', async () => {
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    person.enrollment.leave();
    person.startApp(answering(() => success(null)));
    expect(waiting(await person.goOn()).request).toMatchObject({ id: request.id, words: request.words });
  });
});

describe('the key', () => {
  test('is not needed while it waits; when it is missing at the approval it is asked for', async () => {
    const person = newPerson();
    const { request } = waiting(await person.goOn());
    person.card.powerOff();
    const stopped = person.until((state) => state.kind === 'stopped');
    need(await authority.approver.approve(request.id));
    person.clock.pass();
    expect(await stopped).toMatchObject({ failure: { kind: 'security-key-removed' } });
    person.card.powerOn();
    expect(await person.goOn()).toMatchObject({ kind: 'done' });
  });

  test('that says "done" and does nothing is not believed', async () => {
    const person = newPerson();
    const { questions } = await askingOf(person);
    const CHANGE_REFERENCE_DATA = 0x24;
    const transmit = person.card.transmit.bind(person.card);
    person.card.transmit = async (command) => (command[1] === CHANGE_REFERENCE_DATA ? Uint8Array.of(0x90, 0x00) : transmit(command));
    const state = await person.enrollment.answer({ ...person.answersTo(questions) });
    // The next step that needs the new PIN finds that it is not the key's.
    expect(state).toMatchObject({ kind: 'asking', problem: { kind: 'pin-wrong', attemptsLeft: 2 }, questions: { pin: 'choose', pinAttemptsLeft: 2 } });
  });
});

async function askingOf(person: Person): Promise<Extract<EnrollmentState, { kind: 'asking' }>> {
  const state = await person.enrollment.begin();
  if (state.kind !== 'asking') throw new Error(`Not asking but ${state.kind}`);
  return state;
}
