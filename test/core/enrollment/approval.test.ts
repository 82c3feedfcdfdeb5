import { describe, expect, test } from 'vitest';
import type { CertificateAuthority, SubmittedRequest } from '../../../core/certificate-authority.ts';
import { awaitDecision, retryDelay } from '../../../core/enrollment/approval.ts';
import type { EnrollmentPorts } from '../../../core/enrollment/ports.ts';
import type { Failure } from '../../../core/failures.ts';
import { type Result, failed, success } from '../../../core/result.ts';
import { exampleRequest } from './example-facts.ts';

const UNREACHABLE: Failure = { kind: 'authority-unreachable', address: 'https://ca.example.org' };
const pending = (retryAfterSeconds?: number): Result<SubmittedRequest> =>
  success(exampleRequest(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }));
const issued = success(exampleRequest({ status: 'issued' }));

/** Asks a CA that gives these answers in turn; tells how long was waited before each question, and what was heard. */
async function poll(answers: readonly Result<SubmittedRequest>[], leaveAfterWaits = Number.POSITIVE_INFINITY) {
  const waits: number[] = [];
  const heard: (string | null)[] = [];
  const queue = [...answers];
  const controller = new AbortController();
  const request: CertificateAuthority['request'] = async () => queue.shift() ?? Promise.reject(new Error('asked once too often'));
  const wait = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    if (waits.length >= leaveAfterWaits) controller.abort();
  };
  const ports = { certificateAuthority: { request }, clock: { wait } } as unknown as EnrollmentPorts;
  const decision = await awaitDecision(ports, '0'.repeat(32), controller.signal, (offline) => heard.push(offline?.kind ?? null));
  return { decision, waits, heard };
}

describe('awaitDecision', () => {
  test('asks every two seconds until it is issued', async () => {
    expect(await poll([pending(), success(exampleRequest({ status: 'approved' })), issued])).toEqual({
      decision: 'decided',
      waits: [2000, 2000, 2000],
      heard: [null, null],
    });
  });

  test('a denial is a decision', async () => {
    expect((await poll([success(exampleRequest({ status: 'denied' }))])).decision).toBe('decided');
  });

  test('waits as long as the CA asks for, within reason', async () => {
    expect((await poll([pending(7), pending(86_400), issued])).waits).toEqual([2000, 7000, 60_000]);
  });

  test('goes on while the CA is away, less and less often, and tells', async () => {
    const away = Array.from({ length: 6 }, () => failed(UNREACHABLE));
    const { waits, heard, decision } = await poll([...away, pending(), issued]);
    expect(waits).toEqual([2000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 2000]);
    expect(heard).toEqual([...away.map(() => 'authority-unreachable'), null]);
    expect(decision).toBe('decided');
  });

  test('a CA that does not know the request has lost it', async () => {
    expect((await poll([failed({ kind: 'request-unknown' })])).decision).toBe('lost');
  });

  test('a CA that wants a password again does not seem to be away', async () => {
    const refused = failed({ kind: 'est-sign-in-refused', address: 'https://est.example.org', wasGiven: false });
    expect(await poll([pending(), refused])).toEqual({ decision: 'refused', waits: [2000, 2000], heard: [null] });
  });

  test('ends when it is left', async () => {
    expect(await poll([pending()], 2)).toEqual({ decision: 'left', waits: [2000, 2000], heard: [null] });
  });

  test('is gentler after ten minutes', async () => {
    const { waits } = await poll([...Array.from({ length: 301 }, () => pending()), issued]);
    expect(waits.slice(298)).toEqual([2000, 2000, 5000, 5000]);
  });
});

test('a CA that has too many requests says itself when to come back', () => {
  expect(retryDelay(1, { kind: 'too-many-requests', retryAfterSeconds: 20 })).toBe(20_000);
  expect(retryDelay(1, UNREACHABLE)).toBe(2000);
});
