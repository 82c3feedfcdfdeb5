/** One address has one limit, whichever door it knocks at; and the limit follows the policy while the server runs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../../core/authority-api.ts';
import { startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { exchangeRaw, type ListenerName } from './raw-connection.ts';

let authority: TestAuthority;
/** Each test is an address of its own. */
let asked = 0;
beforeAll(async () => {
  authority = await startTestAuthority({ statusListen: { host: '127.0.0.1', port: 0 } });
});
afterAll(() => authority.close());

const limit = async (burst: number): Promise<void> => {
  await writeFile(join(authority.dir, 'policy.yaml'), `limits:\n  requests: { burst: ${burst}, perSecond: 0.001 }\n`);
  await authority.server.reloadPolicy();
};
const ask = async (listener: ListenerName, path: string, from: string): Promise<string> => exchangeRaw(authority, listener, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, from);

test.each<[ListenerName, string]>([
  ['https', API.authority],
  ['https', '/ca/bundle.pem'],
  ['https', '/crl/0123456789abcdef/0.crl'],
  ['https', '/ocsp/AAAA'],
  ['https', '/.well-known/est/cacerts'],
  ['https', '/.well-known/est/device/csrattrs'],
  ['status', '/ca/bundle.pem'],
  ['status', '/crl/bundle.pem'],
  ['status', '/ocsp/AAAA'],
])('%s %s', async (listener, path) => {
  const from = `127.0.3.${(asked += 1)}`;
  await limit(3);
  for (const door of [API.authority, '/ocsp/AAAA', '/.well-known/est/cacerts']) expect(await ask('https', door, from)).toMatch(/^HTTP\/1\.1 200 /);
  const refused = await ask(listener, path, from);
  expect(refused).toMatch(/^HTTP\/1\.1 429 /);
  expect(refused.toLowerCase()).toMatch(/\nretry-after: \d+\r/);
  // Whoever looks after the server is let through: it has to know that it lives.
  expect(await ask('https', '/readyz', from)).toMatch(/^HTTP\/1\.1 200 /);
  await limit(1e6);
  expect(await ask('https', '/ca/bundle.pem', '127.0.4.1')).toMatch(/^HTTP\/1\.1 200 /);
});
