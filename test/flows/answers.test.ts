/** What the person answers: wrong, late, twice, too much; and what is never shown. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInvitation } from '../../ca/invite.ts';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { parseInvitation } from '../../core/invitation.ts';
import { FACTORY } from '../../native/piv/identifiers.ts';
import { authenticate, randomManagementKey, setManagementKey } from '../../native/piv/management-key.ts';
import { selectPiv } from '../../native/piv/session.ts';
import { enrollAndApprove } from './approving.ts';
import { type FlowAuthority, need, startFlowAuthority } from './flow-authority.ts';
import { inProcessSecurityKey } from './in-process-key.ts';
import { PIN, PUK, Person, type PersonOptions } from './person.ts';
import { pinOf, pukOf } from './watched-card.ts';

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

let serial = 5_220_000;
const newPerson = (options: Partial<PersonOptions> & { readonly firmware?: string } = {}): Person =>
  new Person({ key: { firmware: options.firmware ?? '5.4.3', serial: ++serial, touchTimeLimitMs: 20, ...options.key }, authority, ...options });

/** Somebody whose PIN and PUK are their own already, and who is asked for the PIN. */
async function personWithOwnPin(options: Parameters<typeof newPerson>[0] = {}): Promise<Person> {
  const person = newPerson(options);
  const key = inProcessSecurityKey(person.card);
  need(await key.changePin('123456', PIN));
  need(await key.changePuk('12345678', PUK));
  expect(await person.enrollment.begin()).toMatchObject({ kind: 'asking', questions: { pin: 'enter', puk: null } });
  return person;
}

const IDENTITY = { name: 'Ana Example', email: 'ana@example.org' };
const attemptsLeft = (person: Person): number => person.card.exportState().pin.attemptsLeft;

describe('PIN', () => {
  test('a wrong one costs one attempt, is asked for again, and nothing else has happened', async () => {
    const person = await personWithOwnPin();
    const state = await person.enrollment.answer({ ...IDENTITY, currentPin: '999999' });
    expect(state).toMatchObject({ kind: 'asking', problem: { kind: 'pin-wrong', attemptsLeft: 2 }, questions: { pin: 'enter', pinAttemptsLeft: 2 } });
    expect(person.card.exportState().keys['9a']).toBeUndefined();
    expect((await person.enrollment.answer({ ...IDENTITY, currentPin: PIN })).kind).toBe('waiting-for-approval');
  });

  test('two clicks on the button spend one attempt', async () => {
    const person = await personWithOwnPin();
    const both = await Promise.all([1, 2].map(() => person.enrollment.answer({ ...IDENTITY, currentPin: '999999' })));
    expect(both.map((state) => state.kind)).toEqual(['asking', 'asking']);
    expect(attemptsLeft(person)).toBe(2);
  });

  test('the last wrong one blocks it, and no further attempt is made', async () => {
    const person = await personWithOwnPin();
    for (const pin of ['999991', '999992']) await person.enrollment.answer({ ...IDENTITY, currentPin: pin });
    const blocked = await person.enrollment.answer({ ...IDENTITY, currentPin: '999993' });
    expect(blocked).toMatchObject({ kind: 'stopped', failure: { kind: 'pin-blocked' } });
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'stopped', failure: { kind: 'pin-blocked' } });
    expect(person.watched.lostAttempts).toHaveLength(3);
  });

  test('unblocked with the PUK, it goes on', async () => {
    const person = await personWithOwnPin();
    for (const pin of ['999991', '999992', '999993']) await person.enrollment.answer({ ...IDENTITY, currentPin: pin });
    need(await inProcessSecurityKey(person.card).unblockPin(PUK, PIN));
    expect((await enrollAndApprove(person, authority)).kind).toBe('done');
  });

  test('one that cannot be a PIN never reaches the key', async () => {
    const person = await personWithOwnPin();
    const { apdus } = person.card.statistics;
    const state = await person.enrollment.answer({ ...IDENTITY, currentPin: '1' });
    expect(state).toMatchObject({ kind: 'asking', problem: { kind: 'pin-invalid', which: 'PIN', rule: 'too-short' } });
    expect(attemptsLeft(person)).toBe(3);
    expect(person.card.statistics.apdus - apdus).toBeLessThan(30);
  });

  test('before 5.3 a wrong PIN and a wrong PUK are told apart', async () => {
    const person = newPerson({ firmware: '5.2.4' });
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'asking', questions: { pin: 'enter-or-change', puk: 'enter-or-keep' } });
    const answers = { ...IDENTITY, currentPin: '123456', newPin: PIN, currentPuk: '87654321', newPuk: PUK };
    expect(await person.enrollment.answer({ ...answers, currentPin: '654321' })).toMatchObject({ problem: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(await person.enrollment.answer(answers)).toMatchObject({ kind: 'asking', problem: { kind: 'puk-wrong', attemptsLeft: 2 } });
    // The PIN was changed before the PUK was looked at; the person is asked anew, and knows.
    expect([pinOf(person.card), pukOf(person.card)]).toEqual([PIN, '12345678']);
    expect((await person.enrollment.answer({ ...IDENTITY, currentPin: PIN })).kind).toBe('waiting-for-approval');
  });
});

describe('a foreign key', () => {
  test('in 9a is replaced only after a yes', async () => {
    const person = await personWithOwnPin();
    const key = inProcessSecurityKey(person.card);
    need(await key.protectManagementKey(PIN));
    const foreign = need(await key.generateKey({ pin: PIN, keyType: 'ECCP384', pinPolicy: 'once', touchPolicy: 'never' }));
    const asked = await person.enrollment.begin();
    expect(asked).toMatchObject({ kind: 'asking', questions: { replaces: { certificateSubject: null, certificateExpiresAt: null } } });
    expect(await person.enrollment.answer({ ...IDENTITY, currentPin: PIN })).toMatchObject({ kind: 'asking', problem: null });
    expect(need(await key.facts()).authentication.keyPair?.publicKey).toEqual(foreign);
    expect((await person.enrollment.answer({ ...IDENTITY, currentPin: PIN, replace: true })).kind).toBe('waiting-for-approval');
    expect(need(await key.facts()).authentication.keyPair?.publicKey).not.toEqual(foreign);
  });

  test('in 9a that came after the question is asked about before it is touched', async () => {
    const person = await personWithOwnPin();
    const key = inProcessSecurityKey(person.card);
    need(await key.protectManagementKey(PIN));
    const foreign = need(await key.generateKey({ pin: PIN, keyType: 'ECCP384', pinPolicy: 'once', touchPolicy: 'never' }));
    expect(await person.enrollment.answer({ ...IDENTITY, currentPin: PIN })).toMatchObject({ kind: 'asking', questions: { replaces: {} } });
    expect(need(await key.facts()).authentication.keyPair?.publicKey).toEqual(foreign);
  });

  test('whose management key only another program knows stops before the key pair', async () => {
    const person = newPerson();
    const session = need(await selectPiv(person.card));
    need(await authenticate(session, { algorithm: '3DES', value: FACTORY.MANAGEMENT_KEY }));
    need(await setManagementKey(session, randomManagementKey('3DES')));
    await person.enrollment.begin();
    const stopped = await person.enrollment.answer({ ...IDENTITY, newPin: PIN, newPuk: PUK });
    expect(stopped).toMatchObject({ kind: 'stopped', failure: { kind: 'management-key-unknown' } });
    expect(person.card.exportState().keys['9a']).toBeUndefined();
  });
});

describe('touch', () => {
  test('is shown while it is waited for', async () => {
    const person = newPerson({ touchPolicy: 'always' });
    const seen: string[] = [];
    person.enrollment.onChange((state) => seen.push(...waitingSteps(state)));
    person.card.watch(({ isWaitingForTouch }) => isWaitingForTouch && person.card.touch());
    expect((await enrollAndApprove(person, authority)).kind).toBe('done');
    expect(new Set(seen)).toEqual(new Set(['csr', 'approval', 'prove']));
  });

  test('that never comes is asked for a few times, and then the person is asked', async () => {
    const person = newPerson({ touchPolicy: 'always' });
    const questions = questionsOf(await person.enrollment.begin());
    const state = await person.enrollment.answer(person.answersTo(questions));
    expect(state).toMatchObject({ kind: 'asking', problem: { kind: 'touch-timeout' }, questions: { pin: 'enter', keyPair: null } });
    person.card.setAutoTouch(true);
    expect((await person.enrollment.answer({ ...IDENTITY, currentPin: PIN })).kind).toBe('waiting-for-approval');
  });
});

describe('an invitation', () => {
  const codeOf = (link: string): string => need(parseInvitation(link)).code;

  test('fixes who it is for', async () => {
    const person = newPerson({ invitationCode: codeOf(await authority.invite('Invited Ina', 'ina@example.org')) });
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'asking', questions: { identity: { name: 'Invited Ina', isFixed: true } } });
    const state = await enrollAndApprove(person, authority);
    expect(state).toMatchObject({ kind: 'done', certificate: { name: 'Invited Ina', email: 'ina@example.org' } });
  });

  test('that was used stops before anything is asked', async () => {
    const invitationCode = codeOf(await authority.invite('Invited Ina', 'ina@example.org'));
    expect((await enrollAndApprove(newPerson({ invitationCode }), authority)).kind).toBe('done');
    const second = newPerson({ invitationCode });
    expect(await second.enrollment.begin()).toMatchObject({ kind: 'stopped', failure: { kind: 'invitation-used' } });
    expect(pinOf(second.card)).toBe('123456');
  });

  test('that has run out stops too', async () => {
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
    const { code } = need(await createInvitation({ dir: authority.dir, name: 'Late Lea', email: 'lea@example.org', role: 'user', days: 1 }, twoDaysAgo));
    const person = newPerson({ invitationCode: code });
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'stopped', failure: { kind: 'invitation-expired' } });
  });

  test('that nobody wrote stops too', async () => {
    const person = newPerson({ invitationCode: 'not-a-code-of-this-ca' });
    expect(await person.enrollment.begin()).toMatchObject({ kind: 'stopped', failure: { kind: 'invitation-unknown' } });
  });
});

test('no state, no event and no record contains a PIN or a PUK', async () => {
  const person = newPerson({ touchPolicy: 'cached', key: { firmware: '5.4.3', serial: 5_229_999, autoTouch: true } });
  const told: string[] = [];
  person.enrollment.onChange((state) => told.push(JSON.stringify(state), ...person.records.all.values()));
  expect((await enrollAndApprove(person, authority)).kind).toBe('done');
  expect(told.length).toBeGreaterThan(30);
  const secrets = [PIN, PUK, '123456', '12345678', person.card.exportState().managementKey.value];
  expect(secrets.filter((secret) => told.some((text) => text.toLowerCase().includes(secret)))).toEqual([]);
});

function waitingSteps(state: EnrollmentState): readonly string[] {
  return 'steps' in state ? state.steps.filter((step) => step.state === 'waiting').map((step) => step.id) : [];
}

function questionsOf(state: EnrollmentState): Extract<EnrollmentState, { kind: 'asking' }>['questions'] {
  if (state.kind !== 'asking') throw new Error(`Not asking but ${state.kind}`);
  return state.questions;
}
