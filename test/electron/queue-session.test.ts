import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApproverSession, PinnedAuthority, QueuePage } from '../../core/certificate-authority.ts';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { SecurityKey, SecurityKeys } from '../../core/security-key.ts';
import { QueueSession } from '../../electron/main/queue-session.ts';

const authority = { address: 'https://127.0.0.1:8443' } as PinnedAuthority;
const unreachable = failed({ kind: 'authority-unreachable', address: authority.address });
const request = (id: string): CertificateRequest => ({ id, status: 'pending' }) as CertificateRequest;

const page = (...ids: readonly string[]): Result<QueuePage> => success({ requests: ids.map(request), next: null, counts: { pending: ids.length, decided: 0 } });
const approval = { decision: 'approve', requestId: 'a', csrSha256: '00' } as const;

function setUp({ certificate = new Uint8Array([1, 2]) as Uint8Array | null } = {}) {
  const requests = vi.fn<() => Promise<Result<QueuePage>>>(() => Promise.resolve(page('a')));
  const decide = vi.fn(async (_: unknown, signDecision: (message: Uint8Array) => Promise<Result<Uint8Array>>) => {
    const signed = await signDecision(new Uint8Array([8]));
    return signed.ok ? success([{ ok: true, request: request('a'), certificates: [] }]) : signed;
  });
  const session = { name: 'Berta', role: 'owner', serialNumber: '0b', expiresAt: new Date(9e12), requests, decide, signOut: vi.fn(() => Promise.resolve()) };
  const sign = vi.fn(() => Promise.resolve(success(new Uint8Array([9]))));
  const facts = { serial: 5210001 as number | null, authentication: { certificate } };
  const key = { facts: () => Promise.resolve(success(facts)), sign } as unknown as SecurityKey;
  const keys = { at: () => key } as unknown as SecurityKeys;
  const told: QueueView[] = [];
  const queue = new QueueSession({
    keys,
    authority: () => authority,
    signInAt: () => async (_certificate, signChallenge) => {
      const signature = await signChallenge(new Uint8Array([7]));
      return signature.ok ? success(session as unknown as ApproverSession) : signature;
    },
    tell: (_name, event) => void told.push(event as QueueView),
  });
  return { queue, session, requests, sign, told, facts };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('signing in signs with the key, and shows the queue at once', async () => {
  const { queue, sign, told } = setUp();
  expect(await queue.signIn('R', '482915')).toEqual(success({ name: 'Berta', role: 'owner', serialNumber: '0b', keySerial: 5210001, expiresAt: new Date(9e12) }));
  expect(sign).toHaveBeenCalledExactlyOnceWith('482915', new Uint8Array([7]));
  expect(queue.view).toMatchObject({ kind: 'signed-in', approver: { name: 'Berta' }, counts: { pending: 1 }, pending: { requests: [{ id: 'a' }] }, offline: false });
  expect(told.at(-1)).toEqual(queue.view);
});

test('a wrong PIN and a key without certificate stay signed out', async () => {
  const wrong = setUp();
  wrong.sign.mockImplementation(() => Promise.resolve(failed({ kind: 'pin-wrong', attemptsLeft: 2 })) as never);
  expect(await wrong.queue.signIn('R', '000000')).toEqual(failed({ kind: 'pin-wrong', attemptsLeft: 2 }));
  expect(wrong.queue.view).toEqual({ kind: 'signed-out' });
  expect(await setUp({ certificate: null }).queue.signIn('R', '482915')).toEqual(failed({ kind: 'slot-empty' }));
});

test('new requests appear within two seconds, and only changes are told', async () => {
  const { queue, requests, told } = setUp();
  await queue.signIn('R', '482915');
  const toldBefore = told.length;
  await vi.advanceTimersByTimeAsync(6000);
  expect(requests).toHaveBeenCalledTimes(4);
  expect(told).toHaveLength(toldBefore);
  requests.mockResolvedValue(page('a', 'b'));
  await vi.advanceTimersByTimeAsync(2000);
  expect(queue.view).toMatchObject({ pending: { requests: [{ id: 'a' }, { id: 'b' }] } });
  expect(told).toHaveLength(toldBefore + 1);
});

test('a CA that is gone is told, keeps what was known, and recovers', async () => {
  const { queue, requests } = setUp();
  await queue.signIn('R', '482915');
  requests.mockResolvedValue(unreachable);
  await vi.advanceTimersByTimeAsync(2000);
  expect(queue.view).toMatchObject({ kind: 'signed-in', offline: true, pending: { requests: [{ id: 'a' }] } });
  requests.mockResolvedValue(page());
  await vi.advanceTimersByTimeAsync(2000);
  expect(queue.view).toMatchObject({ offline: false, pending: { requests: [] } });
});

test('a session that the CA ended is signed out and asks no more', async () => {
  const { queue, requests, told } = setUp();
  await queue.signIn('R', '482915');
  requests.mockResolvedValue(failed({ kind: 'not-signed-in' }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)).toEqual({ kind: 'signed-out' });
  const asked = requests.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(requests).toHaveBeenCalledTimes(asked);
});

test('decisions are signed with the key that signed in, and its PIN is not kept', async () => {
  const { queue, sign } = setUp();
  await queue.signIn('R', '482915');
  expect(await queue.decide([approval], '111222')).toMatchObject({ ok: true, value: [{ ok: true }] });
  expect(sign).toHaveBeenLastCalledWith('111222', new Uint8Array([8]));
  expect(JSON.stringify(queue.view)).not.toMatch(/111222|482915/);
});

test('another key in its reader gets no PIN', async () => {
  const { queue, sign, facts } = setUp();
  // Two keys that tell no serial are not the same key for that.
  facts.serial = null;
  await queue.signIn('R', '482915');
  for (const certificate of [new Uint8Array([1, 3]), null]) {
    facts.authentication = { certificate };
    sign.mockClear();
    expect(await queue.decide([approval], '482915')).toEqual(failed({ kind: 'security-key-removed' }));
    expect(sign).not.toHaveBeenCalled();
  }
});

test('the revision grows with every change of the queue, and with nothing else', async () => {
  const { queue, requests } = setUp();
  await queue.signIn('R', '482915');
  const revision = (): number => (queue.view.kind === 'signed-in' ? queue.view.revision : -1);
  const before = revision();
  await vi.advanceTimersByTimeAsync(4000);
  expect(revision()).toBe(before);
  requests.mockResolvedValue(page('b'));
  await vi.advanceTimersByTimeAsync(2000);
  expect(revision()).toBe(before + 1);
});

test('signing out ends the session at the CA; decisions and questions then need a new one', async () => {
  const { queue, session } = setUp();
  await queue.signIn('R', '482915');
  await queue.signOut();
  expect(session.signOut).toHaveBeenCalledOnce();
  expect(await queue.decide([approval], '482915')).toEqual(failed({ kind: 'not-signed-in' }));
  expect(await queue.ask((asked) => asked.officers())).toEqual(failed({ kind: 'not-signed-in' }));
});
