/** What an operator does with a CA, each a process of its own, beside a server that runs. */
import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silent } from '../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer } from '../../ca/server.ts';
import { must } from '../ca/running-authority.ts';
import { createComputer, type Computer } from './latchkey-process.ts';

const PASSPHRASE = 'only for these tests';
let computer: Computer;
let dir: string;
let server: AuthorityServer;
beforeAll(async () => {
  computer = await createComputer();
  dir = join(computer.folder, 'ca');
  const made = await computer.latchkey(['ca', 'init', '--dir', dir, '--name', 'Operated CA', '--key-type', 'ECCP256', '--passphrase-fd', '3', '--json'], [PASSPHRASE]);
  expect(made.code).toBe(0);
  server = must(await startAuthorityServer({ dir, passphrase: PASSPHRASE, listen: { host: '127.0.0.1', port: 0 }, statusListen: { host: '127.0.0.1', port: 0 }, log: silent }));
});
afterAll(async () => {
  await server.close();
  await computer.close();
});

const file = (name: string): string => join(computer.folder, name);
async function run(...args: readonly string[]) {
  const { code, json } = await computer.latchkey(['ca', ...args, '--json']);
  return { code, json: json() };
}

it('audit verify and export: the whole log, and a file that is checked without the CA', async () => {
  expect(await run('audit', 'verify', '--dir', dir)).toMatchObject({ code: 0, json: { ok: true } });
  expect(await run('audit', 'export', '--dir', dir, '--to', file('audit.jsonl'))).toMatchObject({ code: 0 });
  const offline = ['audit', 'verify', '--file', file('audit.jsonl'), '--ca-certificate', join(dir, 'ca.crt')] as const;
  expect((await run(...offline)).code).toBe(0);
  await writeFile(file('audit.jsonl'), (await readFile(file('audit.jsonl'), 'utf8')).replace('"CA"', '"Nobody"'));
  expect(await run(...offline)).toMatchObject({ code: 5, json: { failure: { kind: 'audit-broken', problem: 'changed' } } });
});

it('backup and restore, and no second restore into the same folder', async () => {
  expect((await run('backup', '--dir', dir, '--to', file('ca.backup'))).code).toBe(0);
  expect((await stat(file('ca.backup'))).mode & 0o777).toBe(0o600);
  const restore = ['restore', '--from', file('ca.backup'), '--dir', file('restored')] as const;
  expect((await run(...restore)).code).toBe(0);
  expect(await run(...restore)).toMatchObject({ code: 4, json: { failure: { kind: 'authority-folder-exists' } } });
});

it('crl push and show: a file that openssl verifies', async () => {
  const from = server.statusAddress ?? '';
  expect((await run('crl', 'push', '--from', from, '--ca', join(dir, 'ca.crt'), '--to', file('client.crl'))).code).toBe(0);
  expect(execFileSync('openssl', ['crl', '-in', file('client.crl'), '-noout', '-CAfile', join(dir, 'ca.crt')], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
  expect((await run('crl', 'show', '--file', file('client.crl'), '--ca', join(dir, 'ca.crt'))).code).toBe(0);
});

it('policy check: each mistake in its place', async () => {
  await writeFile(file('bad.yaml'), 'profiles:\n  person:\n    kind: robot\n    validDays: many\n');
  const checked = await run('policy', 'check', '--policy', file('bad.yaml'));
  expect(checked).toMatchObject({ code: 2, json: { failure: { kind: 'policy-invalid' } } });
  expect(JSON.stringify(checked.json)).toMatch(/"line":3.*"line":4/);
});

it('a password in the URL of a database is refused on the command line', async () => {
  expect(await run('migrate', '--dir', dir, '--to', 'postgres://latchkey:secret@127.0.0.1:1/x')).toMatchObject({ code: 2, json: { failure: { kind: 'usage' } } });
  await writeFile(file('database'), 'postgres://latchkey:secret-word@127.0.0.1:1/x\n');
  const unreachable = await run('migrate', '--dir', dir, '--database-file', file('database'));
  expect(unreachable).toMatchObject({ code: 4, json: { failure: { kind: 'store-unreachable' } } });
  expect(JSON.stringify(unreachable)).not.toContain('secret-word');
});

it('recover: a link for a new owner, and a line in the audit log', async () => {
  expect(await run('recover', '--dir', dir, '--name', 'Bo', '--email', 'bo@example.org')).toMatchObject({ code: 0, json: { role: 'owner' } });
  expect((await run('audit', 'export', '--dir', dir, '--to', file('after.jsonl'))).code).toBe(0);
  expect(await readFile(file('after.jsonl'), 'utf8')).toContain('"owner-recovered"');
});
