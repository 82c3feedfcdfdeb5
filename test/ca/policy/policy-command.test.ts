import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test as it } from 'vitest';
import type { CommandContext } from '../../../cli/command.ts';
import { check, test } from '../../../cli/commands/ca-policy.ts';
import { createOutput } from '../../../cli/output.ts';
import { Secrets } from '../../../cli/secrets.ts';
import { Terminal } from '../../../cli/terminal.ts';

let dir: string;
let context: CommandContext;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'latchkey-policy-'));
  const terminal = new Terminal();
  context = { output: createOutput(true), terminal, secrets: new Secrets({}, terminal) };
  execFileSync('openssl', ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Ana', '-keyout', 'key.pem', '-out', 'ana.csr'], { cwd: dir, stdio: 'pipe' });
});
afterAll(() => {
  context.terminal.close();
  rmSync(dir, { recursive: true });
});

it('a CSR of OpenSSL, rule by rule', async () => {
  const csr = join(dir, 'ana.csr');
  expect(await test(context, { dir, csr })).toMatchObject({ ok: true, json: { profile: 'person', isAllowed: true } });
  expect(await test(context, { dir, csr, profile: 'server' })).toMatchObject({ ok: true, json: { isAllowed: false } });
  expect(await test(context, { dir, csr, profile: 'nobody' })).toMatchObject({ ok: false, failure: { kind: 'profile-unknown' } });
});

it('a file with a mistake', async () => {
  const policy = join(dir, 'bad.yaml');
  writeFileSync(policy, 'sessionHours: x');
  expect(await check(context, { policy })).toMatchObject({ ok: false, failure: { kind: 'policy-invalid', problems: [{ line: 1, column: 15 }] } });
  expect(await check(context, { policy: join(dir, 'none.yaml') })).toMatchObject({ ok: false, failure: { kind: 'file-unreadable' } });
});
