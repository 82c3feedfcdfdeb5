/** The client against servers that are not what they should be; all of them real TLS servers. */
import type { RequestListener } from 'node:http';
import { createServer as createPlainServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { latchkeySignIn } from '../../authorities/latchkey-approver.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { inspectAuthority } from '../../authorities/latchkey-inspection.ts';
import { toBase64 } from '../../core/bytes.ts';
import { certificate, signer } from '../core/x509/attestation-chain.ts';
import { softwareKey } from '../core/x509/software-key.ts';
import { LOOPBACK, type TlsAuthority, type TlsServer, startTlsServer, tlsAuthority } from './tls-server.ts';

const ID = '0'.repeat(32);
const PENDING = JSON.stringify({ id: ID, status: 'pending', submittedAt: '2026-03-01T10:00:00.000Z' });
const CSR = Uint8Array.of(0x30, 0x00);

let ca: TlsAuthority;
let otherCa: TlsAuthority;
let identity: { readonly key: string; readonly cert: string };
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [ca, otherCa] = await Promise.all([tlsAuthority('Test CA'), tlsAuthority('Test CA')]);
  identity = await ca.serverIdentity(LOOPBACK);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function serve(listener: RequestListener, options: Partial<{ identity: typeof identity }> = {}): Promise<TlsServer> {
  const server = await startTlsServer(ca, options.identity ?? identity, listener);
  cleanUps.push(() => server.close());
  return server;
}

const answer = (status: number, body: string, headers: Record<string, string> = {}): RequestListener => (_request, response) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};
const problem = (status: number, failure: object): RequestListener =>
  answer(status, JSON.stringify({ type: 'about:blank', title: 'No', status, failure }), { 'content-type': 'application/problem+json' });

describe('a pinned CA', () => {
  test('is asked over TLS that it signed, and its answer is parsed', async () => {
    const server = await serve(answer(202, PENDING, { 'retry-after': '7' }));
    expect(await latchkeyAuthority(server.pinned).request(ID)).toEqual({
      ok: true,
      value: { id: ID, status: 'pending', submittedAt: new Date('2026-03-01T10:00:00Z'), retryAfterSeconds: 7 },
    });
  });

  test('gets a CSR as base64, and the code in the body, never in the address', async () => {
    let body = '';
    const server = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => answer(202, PENDING)(request, response));
    });
    expect((await latchkeyAuthority(server.pinned).submit(CSR, 'secret-code')).ok).toBe(true);
    expect(JSON.parse(body)).toEqual({ csr: toBase64(CSR), invitationCode: 'secret-code' });
    expect(server.requests).toEqual(['POST /api/v1/requests']);
  });

  test('that knows no request for a key is no failure', async () => {
    const server = await serve(problem(404, { kind: 'request-unknown' }));
    expect(await latchkeyAuthority(server.pinned).requestForKey(CSR)).toEqual({ ok: true, value: null });
  });

  test.each([
    ['another CA of the same name', 'authority-untrusted', async () => otherCa.serverIdentity(LOOPBACK)],
    ['its own CA, for another host', 'authority-untrusted', async () => ca.serverIdentity([{ kind: 'dns', value: 'ca.example.org' }])],
    ['its own CA, long ago', 'authority-untrusted', async () => ca.serverIdentity(LOOPBACK, new Date('2020-01-01T00:00:00Z'))],
  ] as const)('is not believed with a certificate of %s', async (_name, kind, makeIdentity) => {
    const server = await serve(answer(200, PENDING), { identity: await makeIdentity() });
    expect(await latchkeyAuthority(server.pinned).submit(CSR, 'secret-code')).toMatchObject({ ok: false, failure: { kind, address: server.pinned.address } });
    expect(server.requests).toEqual([]);
  });

  test('is not believed even where the environment says to believe everybody', async () => {
    const server = await serve(answer(200, PENDING), { identity: await otherCa.serverIdentity(LOOPBACK) });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await latchkeyAuthority(server.pinned).request(ID)).toMatchObject({ failure: { kind: 'authority-untrusted' } });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

describe('what the CA answers', () => {
  test.each<[string, RequestListener, object]>([
    ['a failure it names', problem(409, { kind: 'invitation-used' }), { kind: 'invitation-used' }],
    ['a failure with facts', problem(422, { kind: 'csr-key-refused', keyType: 'RSA-1024' }), { kind: 'csr-key-refused', keyType: 'RSA-1024' }],
    ['a failure with a time', problem(429, { kind: 'too-many-requests', retryAfterSeconds: 9 }), { kind: 'too-many-requests', retryAfterSeconds: 9 }],
    ['a failure only we may name', problem(400, { kind: 'pin-blocked' }), { kind: 'authority-protocol' }],
    ['a problem without a failure', answer(500, '{"type":"about:blank","title":"Oh","status":500}'), { kind: 'authority-protocol' }],
    ['a page', answer(200, '<html>Welcome</html>', { 'content-type': 'text/html' }), { kind: 'authority-protocol' }],
    ['nothing', answer(200, ''), { kind: 'authority-protocol' }],
    ['JSON of another kind', answer(200, '[1,2,3]'), { kind: 'authority-protocol' }],
    ['a status that does not exist', answer(200, PENDING.replace('pending', 'maybe')), { kind: 'authority-protocol' }],
    ['an id that would be a path', answer(200, PENDING.replace(ID, '../../../x')), { kind: 'authority-protocol' }],
    ['a redirect', answer(302, '', { location: 'https://example.org/' }), { kind: 'authority-protocol' }],
    ['a proxy in front of a CA that is gone', answer(502, 'Bad gateway'), { kind: 'authority-unreachable' }],
    ['more than anybody wants to read', answer(200, ' '.repeat(9 * 1024 * 1024)), { kind: 'authority-protocol' }],
  ])('%s', async (_name, listener, failure) => {
    const server = await serve(listener);
    expect(await latchkeyAuthority(server.pinned).request(ID)).toMatchObject({ ok: false, failure });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a CA that goes away', () => {
  /** Breaks the first `times` connections in this way, then answers. */
  const breaking = (times: number, how: RequestListener): RequestListener => {
    let broken = 0;
    return (request, response) => (broken++ < times ? how(request, response) : answer(202, PENDING)(request, response));
  };
  const hangUp: RequestListener = (request) => request.socket.destroy();
  const halfAnAnswer: RequestListener = (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id":', () => request.socket.destroy());
  };

  test.each([
    ['before it answers', hangUp],
    ['in the middle of its answer', halfAnAnswer],
  ])('%s is asked again, where asking twice is harmless', async (_name, how) => {
    const server = await serve(breaking(1, how));
    const client = latchkeyAuthority(server.pinned);
    expect((await client.submit(CSR, 'secret-code')).ok).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  test('and does not come back is unreachable after three tries', async () => {
    const server = await serve(hangUp);
    expect(await latchkeyAuthority(server.pinned).request(ID)).toMatchObject({ failure: { kind: 'authority-unreachable', address: server.pinned.address } });
    expect(server.requests).toHaveLength(3);
  });

  test('between two requests is found again on a new connection', async () => {
    const server = await serve((request, response) => {
      answer(202, PENDING)(request, response);
      response.on('finish', () => request.socket.destroy());
    });
    const client = latchkeyAuthority(server.pinned);
    expect((await client.request(ID)).ok).toBe(true);
    expect((await client.request(ID)).ok).toBe(true);
  });

  test('is unreachable where nobody listens', async () => {
    const server = await serve(answer(200, PENDING));
    await cleanUps.pop()?.();
    expect(await latchkeyAuthority(server.pinned).request(ID)).toMatchObject({ failure: { kind: 'authority-unreachable', detail: 'ECONNREFUSED' } });
  });

  test.each<[string, RequestListener]>([
    ['says nothing', () => undefined],
    ['never ends its answer', (_request, response) => void response.writeHead(200).write('{')],
  ])('and %s is given up after the time limit, and not asked again', async (_name, listener) => {
    const server = await serve(listener);
    const startedAt = performance.now();
    const result = await latchkeyAuthority(server.pinned, { timeoutMilliseconds: 100 }).request(ID);
    expect(result).toMatchObject({ failure: { kind: 'authority-unreachable', detail: 'no answer in time' } });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a decision', () => {
  const later = '2030-01-01T00:00:00.000Z';
  const answers: Readonly<Record<string, string>> = {
    '/api/v1/sign-in/challenge': JSON.stringify({ challengeId: ID, challenge: 'AAAA', expiresAt: later }),
    '/api/v1/sign-in': JSON.stringify({ token: 'secret-token', name: 'Ada Approver', role: 'owner', serialNumber: '0a', expiresAt: later }),
  };

  test('whose answer is lost is not made twice: the second would be told that it is decided already', async () => {
    const server = await serve((request, response) => {
      const body = answers[request.url ?? ''];
      if (body === undefined) request.socket.destroy();
      else answer(200, body)(request, response);
    });
    const key = softwareKey('ECCP256');
    const signed = await latchkeySignIn(server.pinned)(certificate('Ada', key.publicKey, signer('CA')), key.sign);
    if (!signed.ok) throw new Error(signed.failure.kind);
    const decision = { decision: 'approve', requestId: ID, csrSha256: 'ab'.repeat(32) } as const;
    expect(await signed.value.decide([decision], key.sign)).toMatchObject({ ok: false, failure: { kind: 'authority-unreachable' } });
    expect(server.requests.filter((request) => request.includes('decisions'))).toEqual(['POST /api/v1/decisions']);
    const refusing = async () => ({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } }) as const;
    expect(await signed.value.decide([decision], refusing)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(server.requests.filter((request) => request.includes('decisions'))).toHaveLength(1);
    expect(JSON.stringify(signed.value)).not.toContain('secret-token');
  });
});

describe('what is no CA at all', () => {
  async function listening(server: ReturnType<typeof createPlainServer> | ReturnType<typeof createTcpServer>): Promise<string> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(async () => {
      server.close();
      await once(server, 'close');
    });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    ['a server without TLS', 'authority-protocol', () => createPlainServer((_request, response) => response.end('hello'))],
    ['something that talks first', 'authority-protocol', () => createTcpServer((socket) => void socket.on('error', () => undefined).resume().end('SSH-2.0-OpenSSH_9\r\n'))],
    ['something that hangs up', 'authority-unreachable', () => createTcpServer((socket) => void socket.destroy())],
  ] as const)('%s', async (_name, kind, make) => {
    const address = await listening(make());
    expect(await inspectAuthority(address)).toMatchObject({ ok: false, failure: { kind, address } });
  });

  test.each<[string, RequestListener]>([
    ['a web server', answer(404, '<html>Not found</html>', { 'content-type': 'text/html' })],
    ['a web server that likes every address', answer(200, '<html>Welcome</html>', { 'content-type': 'text/html' })],
    ['one that shows something else than a certificate', answer(200, JSON.stringify({ name: 'X', caCertificate: toBase64(CSR) }))],
  ])('%s', async (_name, listener) => {
    const server = await serve(listener);
    expect(await inspectAuthority(server.pinned.address)).toMatchObject({ ok: false, failure: { kind: 'authority-protocol' } });
  });

  test('one that shows a certificate that signs nobody', async () => {
    const { cert } = await ca.serverIdentity(LOOPBACK);
    const caCertificate = cert.replace(/-----[A-Z ]+-----|\s/g, '');
    const server = await serve(answer(200, JSON.stringify({ name: 'X', caCertificate })));
    expect(await inspectAuthority(server.pinned.address)).toMatchObject({ ok: false, failure: { kind: 'authority-protocol' } });
  });

  test("one that shows somebody else's CA certificate", async () => {
    const shown = (authority: TlsAuthority): RequestListener => answer(200, JSON.stringify({ name: 'X', caCertificate: toBase64(authority.certificate) }));
    const honest = await serve(shown(ca));
    expect(await inspectAuthority(honest.pinned.address)).toMatchObject({ ok: true, value: { fingerprint: honest.pinned.fingerprint } });
    const impostor = await serve(shown(otherCa));
    expect(await inspectAuthority(impostor.pinned.address)).toMatchObject({ ok: false, failure: { kind: 'authority-untrusted' } });
    // Asked once without trust and, over TLS that the shown CA did not sign, not a second time.
    expect(impostor.requests).toEqual(['GET /api/v1/authority']);
  });
});
