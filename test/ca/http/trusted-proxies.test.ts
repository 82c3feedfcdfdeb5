/** Whose word is taken for where a request comes from: in rate limits, in the queue and in the audit log. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { trustedProxies } from '../../../ca/http/trusted-proxies.ts';
import { API } from '../../../core/authority-api.ts';
import { toBase64 } from '../../../core/bytes.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { connectBare, exchangeRaw } from './raw-connection.ts';

const PROXY = '127.0.0.7';
const STRANGER = '127.0.0.8';
const limits = { ...DEFAULT_POLICY.limits, submissions: { burst: 2, perSecond: 0.001 } };
let authority: TestAuthority;
beforeAll(async () => {
  authority = await startTestAuthority({ policy: { ...DEFAULT_POLICY, limits }, proxies: must(trustedProxies([PROXY, '10.0.0.0/8'])), limits: { connectionsPerAddress: 3 } });
});
afterAll(() => authority.close());

/** Hands in a new CSR from this socket's address with this header; answers the status. */
async function submit(from: string, forwardedFor: string): Promise<number> {
  const body = JSON.stringify({ csr: toBase64((await person()).csr) });
  const head = `POST ${API.requests} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nX-Forwarded-For: ${forwardedFor}\r\n\r\n`;
  return Number((await exchangeRaw(authority, 'https', head + body, from)).slice(9, 12));
}

const times = async (count: number, act: () => Promise<number>): Promise<readonly number[]> => {
  const statuses: number[] = [];
  for (let time = 0; time < count; time += 1) statuses.push(await act());
  return statuses;
};

describe('X-Forwarded-For', () => {
  test('of a trusted proxy: each client has a limit of its own', async () => {
    expect(await times(3, () => submit(PROXY, '203.0.113.1'))).toEqual([202, 202, 429]);
    expect(await submit(PROXY, '203.0.113.2')).toBe(202);
    // What the client wrote itself stands before what the proxies added.
    expect(await submit(PROXY, '203.0.113.99, 203.0.113.1')).toBe(429);
    expect(await submit(PROXY, '203.0.113.1, 203.0.113.3, 10.1.2.3')).toBe(202);
  });

  test('of anybody else is ignored', async () => {
    let client = 0;
    expect(await times(3, () => submit(STRANGER, `203.0.113.${(client += 1) + 50}`))).toEqual([202, 202, 429]);
  });

  test('that is no address is refused', async () => {
    for (const made of ['somebody', '203.0.113.1:4711', '<script>', '203.0.113.300', '203.0.113.1, unknown']) expect([made, await submit(PROXY, made)]).toEqual([made, 400]);
    // Nothing said is the proxy's own request.
    expect(await submit(PROXY, '')).toBe(202);
  });

  test('the queue and the audit log have the client’s address', async () => {
    const approver = await firstApprover(authority);
    const from = new Set(must(await approver.all()).map(({ submittedFrom }) => submittedFrom));
    expect([...from].toSorted()).toEqual(['127.0.0.1', PROXY, STRANGER, '203.0.113.1', '203.0.113.2', '203.0.113.3'].toSorted());
    const { events } = must(await approver.audit({ limit: 100 }));
    const submitted = events.filter(({ event }) => event === 'request-submitted').map((event) => event.from);
    expect(new Set(submitted)).toEqual(from);
  });
});

test('a trusted proxy may have all the connections, others may not', async () => {
  const proxied = await Promise.all(Array.from({ length: 8 }, () => connectBare(authority, 'https', PROXY)));
  for (const { socket } of proxied) expect(socket.readyState).toBe('open');
  for (let count = 0; count < 3; count += 1) proxied.push(await connectBare(authority, 'https', STRANGER));
  expect(await (await connectBare(authority, 'https', STRANGER)).ended).toBe('');
  for (const { socket } of proxied) socket.destroy();
});

describe('networks', () => {
  test.each([['10.0.0.0/8', '10.255.0.1', '11.0.0.1'], ['192.0.2.7', '192.0.2.7', '192.0.2.8'], ['2001:db8::/32', '2001:db8:1::1', '2001:db9::1'], ['10.0.0.0/8', '::ffff:10.1.1.1', '::ffff:11.1.1.1'], ['0.0.0.0/0', '8.8.8.8', 'somebody']])('%s has %s, not %s', (network, inside, outside) => {
    const proxies = must(trustedProxies([network]));
    expect([proxies.has(inside), proxies.has(outside)]).toEqual([true, false]);
  });

  test.each(['', '10.0.0.0/33', '::/129', 'proxy.example.org', '10.0.0/8', '10.0.0.0/'])('%j is none', (network) => {
    expect(trustedProxies(['127.0.0.1', network])).toMatchObject({ failure: { kind: 'request-malformed', detail: network } });
  });
});
