import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApproverSession, PinnedAuthority } from '../../core/certificate-authority.ts';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { SecurityKey, SecurityKeys } from '../../core/security-key.ts';
import { QueueSession } from '../../electron/main/queue-session.ts';

const authority = { address: 'https://127.0.0.1:8443' } as PinnedAuthority;
const unreachable = failed({ kind: 'authority-unreachable', address: authority.address });
const request = (id: string): CertificateRequest => ({ id, status: 'pending' }) as CertificateRequest;

function setUp({ certificate = new Uint8Array([1, 2]) as Uint8Array | null } = {}) {
  const requests = vi.fn<(limit: number) => Promise<Result<readonly CertificateRequest[]>>>(() => Promise.resolve(success([request('a')])));
  const session = { name: 'Berta', expiresAt: new Date(9e12), requests, approve: vi.fn(() => Promise.resolve(success(request('a')))), signOut: vi.fn(() => Promise.resolve()) };
  const sign = vi.fn(() => Promise.resolve(success(new Uint8Array([9]))));
  const key = { facts: () => Promise.resolve(success({ authentication: { certificate } })), sign } as unknown as SecurityKey;
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
  return { queue, session, requests, sign, told };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('signing in signs with the key, and shows the queue at once', async () => {
  const { queue, sign, told } = setUp();
  expect(await queue.signIn('R', '482915')).toEqual(success({ name: 'Berta', expiresAt: new Date(9e12) }));
  expect(sign).toHaveBeenCalledExactlyOnceWith('482915', new Uint8Array([7]));
  expect(queue.view).toMatchObject({ kind: 'signed-in', approver: { name: 'Berta' }, requests: [{ id: 'a' }], offline: false });
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
  requests.mockResolvedValue(success([request('a'), request('b')]));
  await vi.advanceTimersByTimeAsync(2000);
  expect(queue.view).toMatchObject({ requests: [{ id: 'a' }, { id: 'b' }] });
  expect(told).toHaveLength(toldBefore + 1);
});

test('a CA that is gone is told, keeps what was known, and recovers', async () => {
  const { queue, requests } = setUp();
  await queue.signIn('R', '482915');
  requests.mockResolvedValue(unreachable);
  await vi.advanceTimersByTimeAsync(2000);
  expect(queue.view).toMatchObject({ kind: 'signed-in', offline: true, requests: [{ id: 'a' }] });
  requests.mockResolvedValue(success([]));
  await vi.advanceTimersByTimeAsync(2000);
  expect(queue.view).toMatchObject({ offline: false, requests: [] });
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

test('signing out ends the session at the CA; decisions then need a new one', async () => {
  const { queue, session } = setUp();
  await queue.signIn('R', '482915');
  expect(await queue.approve('a')).toMatchObject({ ok: true });
  await queue.signOut();
  expect(session.signOut).toHaveBeenCalledOnce();
  expect(await queue.approve('a')).toEqual(failed({ kind: 'not-signed-in' }));
});
