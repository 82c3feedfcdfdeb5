import { connect } from 'node:tls';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import type { LogFacts } from '../../../ca/log.ts';
import { API, authorityFailure, MAX_BODY_BYTES } from '../../../core/authority-api.ts';
import { toBase64 } from '../../../core/bytes.ts';
import { writePem } from '../../../core/x509/pem.ts';
import { person, startTestAuthority, type TestAuthority } from '../running-authority.ts';

const GENEROUS = { ...DEFAULT_POLICY, limits: { ...DEFAULT_POLICY.limits, wrongGuesses: { burst: 1000, perSecond: 100 } } };
const errors: LogFacts[] = [];
let authority: TestAuthority;
beforeAll(async () => {
  authority = await startTestAuthority({ policy: GENEROUS, log: (level, _event, facts) => void (level === 'error' && errors.push(facts ?? {})) });
});
afterAll(async () => {
  await authority.close();
  // Whatever came in: nothing of it was a bug here.
  expect(errors).toEqual([]);
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: { readonly failure?: unknown; readonly type?: string; readonly title?: string };
}

function send(options: RequestOptions, body: string | Uint8Array = ''): Promise<Answer> {
  const { hostname, port } = new URL(authority.pinned.address);
  const ca = writePem(authority.pinned.caCertificate, 'CERTIFICATE');
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ hostname, port, ca, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body: JSON.parse(Buffer.concat(chunks).toString() || '{}') as Answer['body'] }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Answer> => send({ method: 'POST', path, headers }, body);
const submit = (csr: Uint8Array): Promise<Answer> => post(API.requests, JSON.stringify({ csr: toBase64(csr) }));

describe('problem+json says what is wrong', () => {
  test.each<[string, number, object, () => Promise<Answer>]>([
    ['a CSR of garbage', 400, { kind: 'csr-unreadable' }, () => submit(Uint8Array.of(1, 2, 3))],
    ['an empty CSR', 400, { kind: 'csr-unreadable' }, () => submit(new Uint8Array())],
    ['a CSR that is cut off', 400, { kind: 'csr-unreadable' }, async () => submit((await person()).csr.slice(0, -5))],
    ['a CSR that is not base64', 400, { kind: 'request-malformed' }, () => post(API.requests, '{"csr":"%%%"}')],
    ['no CSR', 400, { kind: 'request-malformed' }, () => post(API.requests, '{}')],
    ['a CSR that is a number', 400, { kind: 'request-malformed' }, () => post(API.requests, '{"csr":5}')],
    ['JSON that is cut off', 400, { kind: 'request-malformed' }, () => post(API.requests, '{"csr":"')],
    ['JSON with a trap for objects', 400, { kind: 'request-malformed' }, () => post(API.requests, '{"__proto__":{"csr":"AA=="}}')],
    ['a list', 400, { kind: 'request-malformed' }, () => post(API.requests, '[]')],
    ['deeply nested JSON', 400, { kind: 'request-malformed' }, () => post(API.requests, '['.repeat(30_000) + ']'.repeat(30_000))],
    ['nothing', 400, { kind: 'request-malformed' }, () => post(API.requests, '')],
    ['text', 400, { kind: 'request-malformed' }, () => post(API.requests, 'csr', { 'content-type': 'text/plain' })],
    ['a form', 400, { kind: 'request-malformed' }, () => post(API.requests, 'csr=x', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['no content type', 400, { kind: 'request-malformed' }, () => post(API.requests, '{}', {})],
    ['too much', 413, { kind: 'request-too-large', limitBytes: MAX_BODY_BYTES }, () => post(API.requests, 'x'.repeat(MAX_BODY_BYTES + 1))],
    ['too much, without saying how much', 413, { kind: 'request-too-large' }, () => post(API.requests, 'x'.repeat(MAX_BODY_BYTES + 1), { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })],
    ['an id that is none', 404, { kind: 'request-unknown' }, () => send({ path: API.request('..%2f..%2fetc') })],
    ['a key hash that is none', 404, { kind: 'request-unknown' }, () => send({ path: API.requestForKey('xyz') })],
    ['an invitation code that is too long', 400, { kind: 'request-malformed' }, () => post(API.invitationLookup, JSON.stringify({ code: 'x'.repeat(300) }))],
    ['a sign-in of garbage', 400, { kind: 'request-malformed' }, () => post(API.signIn, '{"challengeId":"x","certificate":"","signature":""}')],
  ])('%s', async (_name, status, failure, act) => {
    const answer = await act();
    expect(answer.status).toBe(status);
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect(answer.body.failure).toMatchObject(failure);
    expect(answer.body.type).toMatch(/^urn:latchkey:problem:/);
    expect(authorityFailure.safeParse(answer.body.failure).success).toBe(true);
  });

  test('what is nowhere is a problem of its own', async () => {
    for (const options of [{ path: '/' }, { path: '/api/v1/queue/x/approve' }, { path: '/%ff' }, { path: API.authority, method: 'PUT' }]) {
      const answer = await send(options);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.type).toMatch(/json/);
    }
  });
});

describe('who is slow or strange', () => {
  test('bytes that are no HTTP end the connection', async () => {
    const { hostname, port } = new URL(authority.pinned.address);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), ca: writePem(authority.pinned.caCertificate, 'CERTIFICATE') }, () => socket.write('\0\0\0\0\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400/);
  });

  test('a body that ends early leaves nothing behind', async () => {
    const { hostname, port } = new URL(authority.pinned.address);
    await new Promise<void>((resolve) => {
      const request = httpsRequest({ hostname, port, ca: writePem(authority.pinned.caCertificate, 'CERTIFICATE'), agent: false, method: 'POST', path: API.requests, headers: { 'content-type': 'application/json', 'content-length': '1000' } });
      request.on('error', () => resolve());
      request.write('{"csr":"');
      setTimeout(() => request.destroy(), 50);
    });
    expect((await send({ path: API.authority })).status).toBe(200);
  });
});

describe('limits by address', () => {
  const limits = { requests: { burst: 12, perSecond: 0.001 }, submissions: { burst: 2, perSecond: 0.001 }, wrongGuesses: { burst: 3, perSecond: 0.001 }, perInvitation: { burst: 100, perSecond: 1 } };
  let limited: TestAuthority;
  beforeAll(async () => {
    limited = await startTestAuthority({ policy: { ...DEFAULT_POLICY, limits } });
  });
  afterAll(() => limited.close());

  test('submissions, then guesses, then everything', async () => {
    const submissions = [await person(), await person(), await person()];
    const answers = [];
    for (const { csr } of submissions) answers.push(await limited.client.submit(csr));
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, false]);
    expect(answers[2]).toMatchObject({ ok: false, failure: { kind: 'too-many-requests' } });
    const guesses = [];
    for (let count = 0; count < 4; count += 1) guesses.push(await limited.client.invitation(`guess-number-${count}`));
    expect(guesses.map((guess) => !guess.ok && guess.failure.kind)).toEqual([...Array<string>(3).fill('invitation-unknown'), 'too-many-requests']);
    // Seven so far; a good code does not help whoever guessed too often.
    expect(await limited.client.invitation(limited.firstCode)).toMatchObject({ ok: false, failure: { kind: 'too-many-requests' } });
    let status = 200;
    for (let count = 0; count < 20 && status === 200; count += 1) status = (await limited.exchange({ method: 'GET', path: API.authority })).status;
    expect(status).toBe(429);
  });

  test('so many strangers may wait, and no more', async () => {
    const small = await startTestAuthority({ policy: { ...DEFAULT_POLICY, maxPendingWithoutInvitation: 2 } });
    try {
      for (let count = 0; count < 2; count += 1) expect(await small.client.submit((await person()).csr)).toMatchObject({ ok: true });
      expect(await small.client.submit((await person()).csr)).toMatchObject({ ok: false, failure: { kind: 'too-many-requests' } });
      expect(await small.client.submit((await person()).csr, await small.invite('user'))).toMatchObject({ ok: true });
    } finally {
      await small.close();
    }
  });
});
