/** Who is slow, greedy or many: real sockets against the real server, whose limits are short here. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerLimits } from '../../../ca/http/server-limits.ts';
import { API } from '../../../core/authority-api.ts';
import { readExposition } from '../operation/exposition-reader.ts';
import { startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { connectBare, connectRaw, exchangeRaw, trickle, type ListenerName, type RawConnection } from './raw-connection.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const TIMES: Partial<ServerLimits> = { handshakeMs: 700, headersMs: 700, requestMs: 1_000, answerMs: 700, keepAliveMs: 300 };
const CONNECTIONS = { connections: 12, connectionsPerAddress: 4 };
/** Far more than any of these limits: for a busy machine. */
const PATIENCE_MS = 10_000;
const TRICKLE_MS = 40;
const BOTH: readonly ListenerName[] = ['https', 'status'];

let authority: TestAuthority;
beforeAll(async () => {
  authority = await startTestAuthority({ statusListen: LOCAL, metricsListen: LOCAL, limits: TIMES });
});
afterAll(() => authority.close());

/** The sum of the series with these labels. */
async function figure(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const families = readExposition(await (await fetch(`${authority.server.metricsAddress}/metrics`)).text());
  const samples = families.get(name)?.samples ?? [];
  return samples.filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value)).reduce((sum, { value }) => sum + value, 0);
}

const open = (listener: ListenerName): Promise<number> => figure(`latchkey_${listener}_connections`);
const refused = (listener: ListenerName, reason: string): Promise<number> => figure('latchkey_connections_refused_total', { listener, reason });
const answers = async (listener: ListenerName, from?: string): Promise<string> => (await exchangeRaw(authority, listener, 'GET /ca/bundle.pem HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', from)).slice(0, 15);

async function allClosed(listener: ListenerName): Promise<void> {
  await expect.poll(() => open(listener), { timeout: PATIENCE_MS, interval: 20 }).toBe(0);
}

describe.each(BOTH)('%s: who is slow is cut off', (listener) => {
  test.each<[string, number, (connection: RawConnection) => Promise<string>]>([
    ['saying nothing', 408, ({ ended }) => ended],
    ['in the headers', 408, (connection) => trickle(connection, 'GET / HTTP/1.1\r\nX-Slow: ', TRICKLE_MS)],
    ['in the body', 408, (connection) => trickle(connection, `POST ${listener === 'https' ? API.requests : '/ocsp'} HTTP/1.1\r\nHost: x\r\nContent-Type: application/${listener === 'https' ? 'json' : 'ocsp-request'}\r\nContent-Length: 9000\r\n\r\n`, TRICKLE_MS)],
    ['in the size of a chunk', 408, (connection) => trickle(connection, `POST ${listener === 'https' ? API.requests : '/ocsp'} HTTP/1.1\r\nHost: x\r\nContent-Type: application/${listener === 'https' ? 'json' : 'ocsp-request'}\r\nTransfer-Encoding: chunked\r\n\r\n1;`, TRICKLE_MS)],
  ])('%s', async (_name, status, act) => {
    const before = await refused(listener, 'timeout');
    expect((await act(await connectRaw(authority, listener))).slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(await refused(listener, 'timeout')).toBe(before + 1);
    expect(await answers(listener)).toBe('HTTP/1.1 200 OK');
  });

  test('with the next request', async () => {
    const { socket, ended } = await connectRaw(authority, listener);
    socket.write('GET /ca/bundle.pem HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await ended).slice(0, 15)).toBe('HTTP/1.1 200 OK');
  });

  test('in reading the answer', async () => {
    const folder = join(authority.dir, 'parent-crls');
    await mkdir(folder, { recursive: true });
    // More than what the sockets between take.
    await writeFile(join(folder, 'large.crl'), Buffer.concat([Buffer.of(0x30), Buffer.alloc(16_000_000)]));
    const over = (): Promise<number> => figure('latchkey_http_requests_total', { listener, route: '/crl/bundle.pem' });
    const before = await over();
    const { socket } = await connectRaw(authority, listener);
    socket.pause();
    socket.write('GET /crl/bundle.pem HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(over, { timeout: PATIENCE_MS, interval: 20 }).toBe(before + 1);
    await allClosed(listener);
    expect(socket.bytesRead).toBeLessThan(16_000_000);
    socket.destroy();
    expect(await answers(listener)).toBe('HTTP/1.1 200 OK');
  });
});

describe('TLS', () => {
  test.each<[string, (connection: RawConnection) => Promise<string>]>([
    ['nothing at all', ({ ended }) => ended],
    ['a ClientHello, byte by byte', (connection) => trickle(connection, '\u0016\u0003\u0001\u0002\u0000', TRICKLE_MS)],
  ])('%s ends with the time for the handshake', async (_name, act) => {
    const before = await refused('https', 'tls');
    await act(await connectBare(authority, 'https'));
    expect(await refused('https', 'tls')).toBe(before + 1);
    expect(await answers('https')).toBe('HTTP/1.1 200 OK');
  });
});

describe.each(BOTH)('%s: connections', (listener) => {
  // One that gives them time: they are to be open at the same moment.
  let patient: TestAuthority;
  let impatient: TestAuthority;
  beforeAll(async () => {
    patient = await startTestAuthority({ statusListen: LOCAL, metricsListen: LOCAL, limits: CONNECTIONS });
    impatient = authority;
    authority = patient;
  });
  afterAll(async () => {
    authority = impatient;
    await patient.close();
  });

  test('of one address have an end, others get in, and there is room again afterwards', async () => {
    await allClosed(listener);
    const before = await refused(listener, 'address');
    // Bare ones: they are counted before TLS costs anything.
    const many = [];
    for (let count = 0; count < CONNECTIONS.connectionsPerAddress; count += 1) many.push(await connectBare(authority, listener, '127.0.0.3'));
    const oneMore = await connectBare(authority, listener, '127.0.0.3');
    expect(await oneMore.ended).toBe('');
    expect(await refused(listener, 'address')).toBe(before + 1);
    expect(await answers(listener, '127.0.0.4')).toBe('HTTP/1.1 200 OK');
    for (const { socket } of many) socket.destroy();
    await allClosed(listener);
    expect(await answers(listener, '127.0.0.3')).toBe('HTTP/1.1 200 OK');
  });

  test('in all have an end', async () => {
    await allClosed(listener);
    const many = [];
    for (let count = 0; count < CONNECTIONS.connections; count += 1) many.push(await connectBare(authority, listener, `127.0.1.${1 + (count % 6)}`));
    const oneMore = await connectBare(authority, listener, '127.0.2.1');
    expect(await oneMore.ended).toBe('');
    expect(await refused(listener, 'all')).toBeGreaterThan(0);
    for (const { socket } of many) socket.destroy();
    await allClosed(listener);
    expect(await answers(listener)).toBe('HTTP/1.1 200 OK');
  });
});
