/** What surrounds the endpoints of a server that runs: its policy's file, CRLs and OCSP, health, request ids. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLines } from '../../../ca/domain/audit-verification.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';
import { writePem } from '../../../core/x509/pem.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { signInAs } from '../test-officer.ts';

const run = promisify(execFile);
let folder: string;
let authority: TestAuthority;
let caFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-serving-'));
  authority = await startTestAuthority({ statusListen: { host: '127.0.0.1', port: 0 } });
  caFile = join(authority.dir, 'ca.crt');
});
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

test('a revoked certificate is on the CRL and revoked by OCSP at once, as openssl sees it', async () => {
  const approver = await firstApprover(authority);
  const { id } = must(await authority.client.submit((await person()).csr));
  const issued = must(await approver.approve(id));
  const officer = must(await signInAs(authority.pinned, approver.certificate, approver.key.sign));
  const serialNumber = issued.certificateSerialNumber ?? '';
  const { certificate } = must(await authority.client.request(id));
  const file = join(folder, 'ana.pem');
  await writeFile(file, writePem(certificate ?? new Uint8Array(), 'CERTIFICATE'));
  const ocsp = async (): Promise<string> => (await run('openssl', ['ocsp', '-url', `${authority.server.statusAddress}/ocsp`, '-CAfile', caFile, '-issuer', caFile, '-cert', file])).stdout;
  expect(await ocsp()).toContain('ana.pem: good');
  must(await officer.decide([{ decision: 'revoke', serialNumber, reason: 'keyCompromise' }], approver.key.sign));
  expect(await ocsp()).toContain('ana.pem: revoked');
  const bundle = await fetch(`${authority.server.statusAddress}/crl/bundle.pem`);
  await writeFile(join(folder, 'crl.pem'), await bundle.text());
  const { stdout } = await run('openssl', ['crl', '-in', join(folder, 'crl.pem'), '-noout', '-text', '-CAfile', caFile]);
  expect(stdout.toLowerCase()).toContain(`serial number: ${serialNumber}`);
});

test('says that it lives and is ready, and names each request', async () => {
  const { exchange } = authority;
  expect((await exchange({ method: 'GET', path: '/healthz' })).text).toBe('ok\n');
  expect((await exchange({ method: 'GET', path: '/readyz' })).status).toBe(200);
});

test('reads the policy anew when it is told to; a mistake keeps the one before, and both are in the audit log', async () => {
  const file = join(authority.dir, 'policy.yaml');
  await writeFile(file, 'profiles:\n  person:\n    kind: person\n    keyTypes: [ECCP384]\n');
  await authority.server.reloadPolicy();
  const refused = await authority.client.submit((await person({ name: 'Di Example', email: 'di@example.org', keyType: 'ECCP256' })).csr);
  expect(refused).toMatchObject({ ok: false, failure: { kind: 'policy-violated', rule: 'keyTypes' } });
  await writeFile(file, 'profiles:\n  person:\n    kind: person\n    keyTypes: [ECCP999]\n');
  await authority.server.reloadPolicy();
  expect(await authority.client.submit((await person({ name: 'Di Example', email: 'di@example.org' })).csr)).toMatchObject({ failure: { kind: 'policy-violated' } });
  await authority.server.close();
  const store = openSqliteStore(join(authority.dir, 'latchkey.sqlite'));
  const events: string[] = [];
  for await (const { event, facts } of auditLines(store)) if (event.startsWith('policy')) events.push(`${event} ${facts['line'] ?? ''}`.trim());
  await store.close();
  expect(events).toEqual(['policy-loaded', 'policy-refused 4']);
});
