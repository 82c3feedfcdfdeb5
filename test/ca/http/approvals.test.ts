import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latchkeySignIn } from '../../../authorities/latchkey-approver.ts';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { API, signInMessage } from '../../../core/authority-api.ts';
import { fromBase64, toBase64 } from '../../../core/bytes.ts';
import { ENROLLABLE_KEY_TYPES } from '../../../core/security-key.ts';
import { softwareKey } from '../../core/x509/software-key.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';

const GENEROUS = { ...DEFAULT_POLICY, limits: { ...DEFAULT_POLICY.limits, wrongGuesses: { burst: 1000, perSecond: 100 } } };
let clockSkewMs = 0;
let authority: TestAuthority;
let approver: Awaited<ReturnType<typeof firstApprover>>;
beforeAll(async () => {
  authority = await startTestAuthority({ policy: GENEROUS, clock: () => new Date(Date.now() + clockSkewMs) });
  approver = await firstApprover(authority);
});
afterAll(() => authority.close());

const refused = (failure: object) => ({ ok: false, failure });
const submit = async (): Promise<string> => must(await authority.client.submit((await person()).csr)).id;
const post = (path: string, body?: unknown, bearerToken?: string) => authority.exchange({ method: 'POST', path, ...(body === undefined ? {} : { body }), ...(bearerToken === undefined ? {} : { bearerToken }) });
const failureOf = (answer: { readonly text: string }): unknown => (JSON.parse(answer.text) as { failure: unknown }).failure;

/** A certificate of an ordinary user. */
async function user(): Promise<{ readonly certificate: Uint8Array; readonly key: ReturnType<typeof softwareKey> }> {
  const { csr, key } = await person();
  const { id } = must(await authority.client.submit(csr));
  must(await approver.approve(id));
  return { certificate: must(await authority.client.request(id)).certificate ?? new Uint8Array(), key };
}

describe('deciding', () => {
  test('two approvers at once: one decides, the other is told', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await submit();
      const results = await Promise.all([approver.approve(id), approver.approve(id), approver.deny(id, 'no')]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      for (const result of results) if (!result.ok) expect(result.failure).toMatchObject({ kind: 'request-already-decided' });
      const [winner] = results.filter((result) => result.ok);
      const status = must(await authority.client.request(id)).status;
      expect(status).toBe(winner?.ok && winner.value.status);
    }
  });

  test('twice, one after the other', async () => {
    const id = await submit();
    must(await approver.approve(id));
    expect(await approver.approve(id)).toEqual(refused({ kind: 'request-already-decided', status: 'issued' }));
    expect(await approver.deny(id, 'too late')).toEqual(refused({ kind: 'request-already-decided', status: 'issued' }));
  });

  test('what is not there', async () => {
    expect(await approver.approve('0'.repeat(32))).toEqual(refused({ kind: 'request-unknown' }));
    expect(await approver.deny('0'.repeat(32), 'x')).toEqual(refused({ kind: 'request-unknown' }));
    expect(await approver.request('0'.repeat(32))).toEqual(refused({ kind: 'request-unknown' }));
  });

  test('a denial wants a reason', async () => {
    const id = await submit();
    expect(await approver.deny(id, ' ')).toMatchObject(refused({ kind: 'statement-refused', problem: 'unreadable' }));
    expect(must(await approver.request(id)).status).toBe('pending');
  });

  test('the queue: pending first, oldest first, then the decided ones, newest first', async () => {
    const [one, two, three, four] = [await submit(), await submit(), await submit(), await submit()];
    must(await approver.approve(two));
    must(await approver.deny(three, 'no'));
    const ids = must(await approver.all()).map(({ id }) => id);
    const places = [one, four, three, two].map((id) => ids.indexOf(id));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(ids.indexOf(three)).toBe(ids.indexOf(two) - 1);
    expect(must(await approver.all(1)).map(({ status }) => status)).toEqual(['pending']);
  });

  test('every certificate has a serial number of its own', async () => {
    const entries = must(await approver.all()).filter(({ certificateSerialNumber }) => certificateSerialNumber !== null);
    expect(new Set(entries.map(({ certificateSerialNumber }) => certificateSerialNumber)).size).toBe(entries.length);
    expect(entries.length).toBeGreaterThan(5);
  });
});

describe('who is not an approver', () => {
  test.each([
    ['GET', API.queue],
    ['GET', API.queueEntry('0'.repeat(32))],
    ['POST', API.decisions],
    ['GET', API.certificates],
    ['GET', API.invitations],
    ['POST', API.invitations],
    ['DELETE', API.invitation('0'.repeat(32))],
    ['GET', API.officers],
    ['POST', API.role('0a')],
    ['GET', API.audit],
    ['GET', API.profiles],
    ['GET', API.signingJobs],
    ['POST', API.signingJob('0'.repeat(32))],
  ] as const)('%s %s wants a session', async (method, path) => {
    for (const bearerToken of [undefined, 'wrong', 'x'.repeat(500)]) {
      const answer = await authority.exchange({ method, path, ...(bearerToken === undefined ? {} : { bearerToken }) });
      expect(answer.status).toBe(401);
      expect(failureOf(answer)).toEqual({ kind: 'not-signed-in' });
    }
  });

  test('a user cannot sign in', async () => {
    const { certificate, key } = await user();
    expect(await latchkeySignIn(authority.pinned)(certificate, key.sign)).toEqual(refused({ kind: 'not-an-approver' }));
  });

  test('who signs out is out', async () => {
    const session = must(await latchkeySignIn(authority.pinned)(approver.certificate, approver.key.sign));
    expect(await session.officers()).toMatchObject({ ok: true });
    await session.signOut();
    expect(await session.officers()).toEqual(refused({ kind: 'not-signed-in' }));
  });
});

describe('signing in', () => {
  interface Challenge {
    readonly challengeId: string;
    readonly challenge: string;
  }
  const challenge = async (): Promise<Challenge> => JSON.parse((await post(API.signInChallenge)).text) as Challenge;
  const signature = async ({ challenge: nonce }: Challenge, fingerprint = authority.pinned.fingerprint, key = approver.key): Promise<string> =>
    toBase64(must(await key.sign(signInMessage(fingerprint, fromBase64(nonce)))));
  const answer = async (to: Challenge, signed: string, certificate = approver.certificate) =>
    post(API.signIn, { challengeId: to.challengeId, certificate: toBase64(certificate), signature: signed });
  const rejected = (reason: string) => ({ kind: 'sign-in-rejected', reason });

  test.each(ENROLLABLE_KEY_TYPES)('with a key of type %s', async (keyType) => {
    const { csr, key } = await person({ keyType, attestedBy: authority.chain });
    const { certificate } = must(await authority.client.submit(csr, await authority.invite('approver', 'Di', 'di@example.org')));
    expect(must(await latchkeySignIn(authority.pinned)(certificate ?? new Uint8Array(), key.sign)).name).toBe('Di');
  });

  test('a challenge is good for one answer', async () => {
    const one = await challenge();
    const signed = await signature(one);
    expect((await answer(one, signed)).status).toBe(200);
    expect(failureOf(await answer(one, signed))).toEqual(rejected('challenge'));
  });

  test('a wrong answer uses it up too', async () => {
    const one = await challenge();
    expect(failureOf(await answer(one, toBase64(Uint8Array.of(1))))).toEqual(rejected('signature'));
    expect(failureOf(await answer(one, await signature(one)))).toEqual(rejected('challenge'));
  });

  test('a signature of another challenge, for another CA, of another key, of a bare challenge', async () => {
    const [one, two, three, four] = [await challenge(), await challenge(), await challenge(), await challenge()];
    expect(failureOf(await answer(one, await signature(two)))).toEqual(rejected('signature'));
    expect(failureOf(await answer(two, await signature(two, 'ab'.repeat(32))))).toEqual(rejected('signature'));
    expect(failureOf(await answer(three, await signature(three, authority.pinned.fingerprint, softwareKey('ECCP256'))))).toEqual(rejected('signature'));
    expect(failureOf(await answer(four, toBase64(must(await approver.key.sign(fromBase64(four.challenge))))))).toEqual(rejected('signature'));
  });

  test('a certificate that is not ours, or none', async () => {
    const stranger = await startTestAuthority();
    try {
      const theirs = await firstApprover(stranger);
      const one = await challenge();
      expect(failureOf(await answer(one, await signature(one, undefined, theirs.key), theirs.certificate))).toEqual(rejected('certificate'));
    } finally {
      await stranger.close();
    }
    expect(failureOf(await answer(await challenge(), '', Uint8Array.of(1, 2, 3)))).toEqual(rejected('certificate'));
    expect(failureOf(await answer(await challenge(), '', authority.pinned.caCertificate))).toEqual(rejected('certificate'));
    // The serial number of a real one with one bit of the signature changed.
    const forged = approver.certificate.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    const one = await challenge();
    expect(failureOf(await answer(one, await signature(one), forged))).toEqual(rejected('certificate'));
  });

  test('a challenge that is too old; a session that is over; a certificate that has run out', async () => {
    const session = must(await latchkeySignIn(authority.pinned)(approver.certificate, approver.key.sign));
    const one = await challenge();
    const signed = await signature(one);
    try {
      clockSkewMs = 121_000;
      expect(failureOf(await answer(one, signed))).toEqual(rejected('challenge'));
      expect(await session.officers()).toMatchObject({ ok: true });
      clockSkewMs = 8 * 3_600_000;
      expect(await session.officers()).toEqual(refused({ kind: 'not-signed-in' }));
      clockSkewMs = Date.parse(new X509Certificate(approver.certificate).validTo) - Date.now() + 1000;
      expect(await latchkeySignIn(authority.pinned)(approver.certificate, approver.key.sign)).toEqual(refused(rejected('expired')));
    } finally {
      clockSkewMs = 0;
    }
  });
});
