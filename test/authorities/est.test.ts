/**
 * The EST client against servers of other habits than ours: real TLS, the answers written by hand after RFC 7030 and
 * RFC 8951, the certificates made by openssl. Against a whole server: test/cli/est.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { estAuthority, keyTypeWantedByEst } from '../../authorities/est.ts';
import { inspectEst } from '../../authorities/est-inspection.ts';
import { keptRequests, requestIdOf } from '../../authorities/kept-requests.ts';
import type { CertificateAuthority } from '../../core/certificate-authority.ts';
import { csrAttributes } from '../../core/x509/csr-attributes.ts';
import { DerReader, onlyElement, TAG } from '../../core/x509/der-reading.ts';
import { objectIdentifier } from '../../core/x509/der-writing.ts';
import { sequence } from '../../core/x509/der.ts';
import { csrPublicKey } from '../../core/x509/csr-inspection.ts';
import { certificatesEnvelope } from '../../core/x509/pkcs7.ts';
import { LOOPBACK, startTlsServer, type TlsAuthority, tlsAuthority, type TlsServer } from './tls-server.ts';

let folder: string;
let ca: TlsAuthority;
let identity: { readonly key: string; readonly cert: string };
let csr: Uint8Array;
let certificate: Uint8Array;
let id: string;
let places = 0;
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-est-client-'));
  ca = await tlsAuthority('EST CA');
  identity = await ca.serverIdentity(LOOPBACK);
  const sh = (command: string): unknown => execFileSync('/bin/sh', ['-ec', command], { cwd: folder, stdio: 'pipe' });
  sh('openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Ana -keyout ana.key -outform DER -out ana.csr');
  sh('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Signer -keyout ca.key -out ca.crt');
  sh('openssl x509 -req -in ana.csr -inform DER -CA ca.crt -CAkey ca.key -days 2 -outform DER -out ana.der');
  [csr, certificate] = [new Uint8Array(await readFile(join(folder, 'ana.csr'))), new Uint8Array(await readFile(join(folder, 'ana.der')))];
  const publicKey = csrPublicKey(csr);
  id = publicKey.ok ? await requestIdOf(publicKey.value) : '';
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function serve(listener: RequestListener): Promise<TlsServer> {
  const server = await startTlsServer(ca, identity, listener);
  cleanUps.push(() => server.close());
  return server;
}

interface Said {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}
const say = ({ status, body = '', headers = {} }: Said): RequestListener => (_request, response) => {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
};

/** A client with notes of its own, at a server that gives these answers, one after the other; the last one for ever. */
async function clientOf(...answers: readonly Said[]): Promise<{ readonly client: CertificateAuthority; readonly server: TlsServer }> {
  let asked = 0;
  const server = await serve((request, response) => say(answers[Math.min(asked++, answers.length - 1)] as Said)(request, response));
  return { server, client: estAuthority({ ...server.pinned, protocol: 'est', label: 'a b' }, { requests: keptRequests(join(folder, `notes-${++places}`)) }) };
}

const base64 = (...certificates: readonly Uint8Array[]): string => Buffer.from(certificatesEnvelope(certificates)).toString('base64');

describe('the certificate in the answer', () => {
  test.each([
    ['in one line', () => base64(certificate)],
    ['in lines of 64', () => base64(certificate).replaceAll(/(.{64})/g, '$1\r\n')],
    ['between PEM lines', () => `-----BEGIN PKCS7-----\n${base64(certificate)}\n-----END PKCS7-----\n`],
    ['behind another', () => base64(ca.certificate, certificate)],
  ])('%s', async (_name, body) => {
    const { client, server } = await clientOf({ status: 200, body: body(), headers: { 'content-type': 'application/pkcs7-mime; smime-type=certs-only' } });
    expect(await client.submit(csr)).toMatchObject({ ok: true, value: { id, status: 'issued', certificate } });
    expect(server.requests).toEqual(['POST /.well-known/est/a%20b/simpleenroll']);
    // Kept: nobody is asked again.
    expect(await client.request(id)).toMatchObject({ ok: true, value: { status: 'issued' } });
    expect(server.requests.length).toBe(1);
  });

  test.each([
    ['of another key', () => base64(ca.certificate)],
    ['no base64', () => 'Hello!'],
    ['nothing', () => ''],
  ])('%s is none', async (_name, body) => {
    const { client } = await clientOf({ status: 200, body: body() });
    expect(await client.submit(csr)).toMatchObject({ ok: false, failure: { kind: 'authority-protocol' } });
    expect(await client.request(id)).toMatchObject({ ok: false, failure: { kind: 'request-unknown' } });
  });
});

describe('waiting', () => {
  test('a pause is kept, and then the same CSR is handed in again', async () => {
    const { client, server } = await clientOf({ status: 202, headers: { 'retry-after': '1' } }, { status: 200, body: base64(certificate) });
    expect(await client.submit(csr)).toMatchObject({ ok: true, value: { status: 'pending', retryAfterSeconds: 1 } });
    expect(await client.request(id)).toMatchObject({ ok: true, value: { status: 'pending' } });
    expect(server.requests.length).toBe(1);
    await expect.poll(() => client.request(id), { timeout: 5000 }).toMatchObject({ ok: true, value: { status: 'issued', certificate } });
    expect(server.requests.length).toBe(2);
  });

  test('a pause may be a date', async () => {
    const { client } = await clientOf({ status: 202, headers: { 'retry-after': new Date(Date.now() + 120_000).toUTCString() } });
    const answer = await client.submit(csr);
    expect(answer.ok && answer.value.retryAfterSeconds).toBeGreaterThan(110);
  });

  test('a no after waiting is a denial, in the words of the server', async () => {
    const { client } = await clientOf({ status: 202, headers: { 'retry-after': '0' } }, { status: 403, body: 'Not\u001b[2J you.\n' });
    await client.submit(csr);
    expect(await client.request(id)).toMatchObject({ ok: true, value: { status: 'denied', denialReason: 'Not [2J you' } });
  });
});

describe('a server that does not want it', () => {
  test.each([
    [{ status: 401 }, { kind: 'est-sign-in-refused', wasGiven: false }],
    [{ status: 400, body: 'The key is too short.' }, { kind: 'est-refused', status: 400, answer: 'The key is too short' }],
    [{ status: 403, body: '<h1>No</h1>', headers: { 'content-type': 'text/html' } }, { kind: 'est-refused', answer: '' }],
    [{ status: 404 }, { kind: 'authority-protocol' }],
    [{ status: 429, headers: { 'retry-after': '9' } }, { kind: 'too-many-requests', retryAfterSeconds: 9 }],
    [{ status: 503 }, { kind: 'authority-unreachable' }],
  ] as const)('%o', async (said, failure) => {
    const { client } = await clientOf(said);
    expect(await client.submit(csr)).toMatchObject({ ok: false, failure });
  });

  test('a redirect is not followed: nobody else gets the password', async () => {
    const elsewhere = await serve(say({ status: 200, body: base64(certificate) }));
    const { client } = await clientOf({ status: 307, headers: { location: `${elsewhere.pinned.address}/.well-known/est/simpleenroll` } });
    expect(await client.submit(csr)).toMatchObject({ ok: false, failure: { kind: 'authority-protocol' } });
    expect(elsewhere.requests).toEqual([]);
  });

  test('an answer without an end is cut off', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200);
      const more = (): void => void (response.writable && response.write('A'.repeat(1 << 20), more));
      more();
    });
    const client = estAuthority({ ...server.pinned, protocol: 'est' }, { requests: keptRequests(join(folder, `notes-${++places}`)) });
    expect(await client.submit(csr)).toMatchObject({ ok: false, failure: { kind: 'authority-protocol' } });
  });
});

describe('the type of key that a server asks for', () => {
  test.each([
    ['P-384', Buffer.from(csrAttributes(['ECCP384'])).toString('base64'), 200, 'ECCP384'],
    ['RSA 2048 behind what is not known', Buffer.from(sequence(objectIdentifier('1.2.840.113549.1.9.7'), new DerReader(onlyElement(csrAttributes(['RSA2048']), TAG.sequence).content).next(TAG.sequence).whole)).toString('base64'), 200, 'RSA2048'],
    ['none', Buffer.from(csrAttributes([])).toString('base64'), 200, null],
    ['noise', 'Hello!', 200, null],
    ['no such operation', '', 404, null],
  ] as const)('%s', async (_name, body, status, keyType) => {
    const server = await serve(say({ status, body }));
    expect(await keyTypeWantedByEst({ ...server.pinned, protocol: 'est' }, null)).toBe(keyType);
    expect(server.requests).toEqual(['GET /.well-known/est/csrattrs']);
  });
});

describe('looking at a server', () => {
  test('its CA is the one it names, when TLS leads there', async () => {
    const server = await serve(say({ status: 200, body: base64(ca.certificate) }));
    expect(await inspectEst(server.pinned.address, undefined)).toMatchObject({ ok: true, value: { protocol: 'est', name: 'EST CA', fingerprint: server.pinned.fingerprint } });
    expect(server.requests).toEqual(['GET /.well-known/est/cacerts', 'GET /.well-known/est/cacerts']);
  });

  test('one that names a CA which did not sign its own certificate is not believed', async () => {
    const other = await tlsAuthority('Other CA');
    const server = await serve(say({ status: 200, body: base64(other.certificate) }));
    expect(await inspectEst(server.pinned.address, undefined)).toMatchObject({ ok: false, failure: { kind: 'authority-untrusted' } });
  });

  test('a server without EST is told', async () => {
    const server = await serve(say({ status: 404 }));
    expect(await inspectEst(server.pinned.address, undefined)).toMatchObject({ ok: false, failure: { kind: 'authority-protocol' } });
  });
});
