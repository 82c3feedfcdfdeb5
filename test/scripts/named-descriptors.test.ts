import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKOUT } from '../../scripts/paths.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-descriptors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npm run latchkey -- ca init … --passphrase-fd N`, from a shell that has written the passphrase into `redirection`. */
async function initThroughNpm(dir: string, descriptor: number, redirection: string): Promise<number | null> {
  const command = `npm run --silent latchkey -- ca init --dir '${dir}' --name Test --key-type ECCP256 --json --passphrase-fd ${descriptor} ${redirection}`;
  const child = spawn('bash', ['-c', command], { cwd: CHECKOUT, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

it('hands a descriptor through npm on to the command', async () => {
  const dir = join(folder, 'handed-on');
  expect(await initThroughNpm(dir, 5, '5< <(echo correct-horse)')).toBe(0);
  const key = await readFile(join(dir, 'ca.key'), 'utf8');
  expect(createPrivateKey({ key, passphrase: 'correct-horse' }).asymmetricKeyType).toBe('ec');
});

it('never takes a descriptor that npm opened for itself', async () => {
  const dir = join(folder, 'not-open');
  expect(await initThroughNpm(dir, 19, '')).toBe(2);
});
