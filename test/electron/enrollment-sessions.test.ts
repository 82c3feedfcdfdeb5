import { describe, expect, test, vi } from 'vitest';
import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import type { EnrollmentPorts } from '../../core/enrollment/ports.ts';
import type { Enrollment } from '../../core/enrollment/run.ts';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import type { SecurityKey, SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';
import { EnrollmentSessions } from '../../electron/main/enrollment-sessions.ts';

const authority: PinnedAuthority = { address: 'https://127.0.0.1:8443', name: 'Home CA', fingerprint: 'ab'.repeat(32), caCertificate: new Uint8Array(1) };
const A = 'Reader A';
const B = 'Reader B';
const removed: EnrollmentState = { kind: 'stopped', failure: { kind: 'security-key-removed' }, steps: [] };
const waiting: EnrollmentState = {
  kind: 'waiting-for-approval',
  steps: [],
  request: { id: '0'.repeat(32), words: ['a', 'b', 'c', 'd'], submittedAt: new Date(0), authorityName: 'Home CA' },
  offline: null,
};

/** An enrollment whose state the test sets. */
class FakeEnrollment implements Enrollment {
  state: EnrollmentState = { kind: 'reading' };
  readonly begin = vi.fn(() => Promise.resolve(this.state));
  readonly answer = vi.fn(() => Promise.resolve(this.state));
  readonly leave = vi.fn();
  #listeners = new Set<(state: EnrollmentState) => void>();
  onChange(listener: (state: EnrollmentState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  become(state: EnrollmentState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function setUp(pinned: PinnedAuthority | null = authority) {
  let tellKeys: (situation: SecurityKeysSituation) => void = () => undefined;
  const keys = {
    watch: (listener: typeof tellKeys) => ((tellKeys = listener), listener({ kind: 'starting' }), () => undefined),
    at: (readerName: string) => ({ readerName }) as unknown as SecurityKey,
  } as Partial<SecurityKeys> as SecurityKeys;
  const settings = { authority: pinned, invitationCode: 'code-of-invitation', forgetInvitation: vi.fn(() => Promise.resolve()) };
  const created: { readonly ports: EnrollmentPorts; readonly enrollment: FakeEnrollment }[] = [];
  const tell = vi.fn();
  const onDone = vi.fn();
  const sessions = new EnrollmentSessions({
    keys,
    settings,
    tell,
    onDone,
    loadEngine: () =>
      Promise.resolve({
        connect: () => ({}) as CertificateAuthority,
        createEnrollment: (ports) => {
          const enrollment = new FakeEnrollment();
          created.push({ ports, enrollment });
          return enrollment;
        },
      }),
    records: { read: () => Promise.resolve(null), write: () => Promise.resolve(), remove: () => Promise.resolve() },
    clock: systemClock,
    log: { note: () => undefined, bug: () => ({ kind: 'unexpected', id: '1' }) },
  });
  const present = (...serials: (readonly [string, number])[]): void =>
    tellKeys({ kind: 'present', keys: serials.map(([readerName, serial]) => ({ kind: 'ready', readerName, facts: { serial } as SecurityKeyFacts })) });
  const nth = (index: number): FakeEnrollment => created[index]?.enrollment ?? expect.fail(`no enrollment ${index}`);
  return { sessions, settings, created, tell, onDone, present, nth };
}

test('one a reader, each told under its name', async () => {
  const { sessions, created, tell, nth } = setUp();
  await sessions.begin(A);
  await sessions.begin(B);
  expect(created.map(({ ports }) => [ports.securityKey, ports.invitationCode])).toEqual([
    [{ readerName: A }, 'code-of-invitation'],
    [{ readerName: B }, 'code-of-invitation'],
  ]);
  nth(1).become(waiting);
  expect(tell).toHaveBeenCalledExactlyOnceWith('enrollment.changed', { readerName: B, state: waiting });
  expect(sessions.state(B)).toEqual(waiting);
  expect(sessions.state('Reader C')).toBe(null);
});

test('an invitation is forgotten once its request is at the CA, not before', async () => {
  const { sessions, settings, nth } = setUp();
  await sessions.begin(A);
  nth(0).become({ kind: 'working', steps: [] });
  nth(0).become(removed);
  expect(settings.forgetInvitation).not.toHaveBeenCalled();
  nth(0).become(waiting);
  expect(settings.forgetInvitation).toHaveBeenCalled();
});

test('beginning again joins work under way, and otherwise starts from the facts', async () => {
  const { sessions, created, nth } = setUp();
  await sessions.begin(A);
  nth(0).become({ kind: 'working', steps: [] });
  await sessions.begin(A);
  expect(created).toHaveLength(1);
  nth(0).become(removed);
  await sessions.begin(A);
  expect(created).toHaveLength(2);
  expect(nth(0).leave).toHaveBeenCalledOnce();
});

test('one that was left is silent', async () => {
  const { sessions, tell, nth } = setUp();
  await sessions.begin(A);
  sessions.leaveAll();
  nth(0).become(waiting);
  expect(tell).not.toHaveBeenCalled();
  expect(sessions.state(A)).toBe(null);
});

describe('a key that was pulled', () => {
  test('goes on by itself when it is back', async () => {
    const { sessions, present, nth } = setUp();
    present([A, 5210001]);
    await sessions.begin(A);
    nth(0).become(removed);
    present();
    expect(nth(0).begin).toHaveBeenCalledTimes(1);
    present([A, 5210001]);
    expect(nth(0).begin).toHaveBeenCalledTimes(2);
  });

  test('does not go on where something else stopped it', async () => {
    const { sessions, present, nth } = setUp();
    present([A, 5210001]);
    await sessions.begin(A);
    nth(0).become({ kind: 'stopped', failure: { kind: 'pin-blocked' }, steps: [] });
    present([A, 5210001]);
    expect(nth(0).begin).toHaveBeenCalledTimes(1);
  });

  test('leaves nothing to another key in the same reader', async () => {
    const { sessions, present, nth } = setUp();
    present([A, 5210001]);
    await sessions.begin(A);
    nth(0).become(removed);
    present([A, 5210002]);
    expect(nth(0).leave).toHaveBeenCalled();
    expect(nth(0).begin).toHaveBeenCalledTimes(1);
    expect(sessions.state(A)).toBe(null);
  });
});

describe('a key whose enrollment is done', () => {
  const certificate = { name: 'Ana Example', email: null, authorityName: 'Home CA', serialNumber: '01', validFrom: new Date(0), validTo: new Date(9e12) };
  const done: EnrollmentState = { kind: 'done', certificate, proof: null, steps: [] };

  test('is told of, with what is known of the key', async () => {
    const { sessions, present, nth, onDone } = setUp();
    present([A, 5210001]);
    await sessions.begin(A);
    nth(0).become(waiting);
    expect(onDone).not.toHaveBeenCalled();
    nth(0).become(done);
    expect(onDone).toHaveBeenCalledExactlyOnceWith({ serial: 5210001 }, certificate);
  });

  test('is told of also where it was pulled at once', async () => {
    const { sessions, present, nth, onDone } = setUp();
    present([A, 5210001]);
    await sessions.begin(A);
    present();
    nth(0).become(done);
    expect(onDone).toHaveBeenCalledExactlyOnceWith({ serial: 5210001 }, certificate);
  });
});

describe('after key care', () => {
  test('what stopped is tried again, and nothing else', async () => {
    const { sessions, nth } = setUp();
    await sessions.begin(A);
    nth(0).become(waiting);
    sessions.tryAgain(A);
    expect(nth(0).begin).toHaveBeenCalledTimes(1);
    nth(0).become({ kind: 'stopped', failure: { kind: 'pin-blocked' }, steps: [] });
    sessions.tryAgain(A);
    expect(nth(0).begin).toHaveBeenCalledTimes(2);
    sessions.tryAgain(B);
  });

  test('a key whose slot was emptied is read anew, but not while it is worked with', async () => {
    const { sessions, nth } = setUp();
    await sessions.begin(A);
    nth(0).become(waiting);
    sessions.readAnew(A);
    expect(nth(0).begin).toHaveBeenCalledTimes(2);
    nth(0).become({ kind: 'working', steps: [] });
    sessions.readAnew(A);
    expect(nth(0).begin).toHaveBeenCalledTimes(2);
  });
});

test('neither a beginning without a CA nor an answer without an enrollment is expected', async () => {
  await expect(setUp(null).sessions.begin(A)).rejects.toThrow();
  expect(() => setUp().sessions.answer(A, {})).toThrow();
});
