/** What `npm run package` makes: it starts, and it holds nothing of the demo, the CA server or the tests. */
import { chromium, type Page } from '@playwright/test';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { FuseState } from '@electron/fuses/dist/constants.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertIntoVpcd } from '../../native/virtual-yubikey/vpcd.ts';
import { packageApp } from '../../scripts/package.ts';
import { en } from '../../renderer/messages/en.ts';
import { ownedKey } from '../cli/owned-key.ts';
import { call, shownKeys } from './calls.ts';
import { expect, test } from './fixtures.ts';

let folder: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  // Away from the checkout, as users have it: nothing that the archive lacks is to be found above it.
  folder = await mkdtemp(join(tmpdir(), 'latchkey-unpacked-'));
  await cp(await packageApp(), folder, { recursive: true });
});
test.afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

test('holds the product and nothing else', async () => {
  const archive = join(folder, 'resources/app.asar');
  const files = listPackage(archive, { isPack: false }).map((path) => path.slice(1));
  const ownFiles = files.filter((path) => /\.(js|cjs|mjs|html|css|json|pem|key)$/.test(path));
  expect(files).toContain('main/main.js');
  expect(files).toContain('renderer/index.html');
  const roots = await readdir('resources/attestation');
  expect(files.filter((path) => path.startsWith('resources/attestation/')).toSorted()).toEqual(roots.map((file) => `resources/attestation/${file}`).toSorted());
  expect(files.filter((path) => /^(demo|ca|cli|test|scripts)(\/|$)|\.map$|fastify|libsql|commander/.test(path))).toEqual([]);
  const suspicious = /virtual-?yubikey|vpcd|test attestation|PRIVATE KEY-----\n|LATCHKEY_DEMO|Virtual keys/i;
  const found = ownFiles.filter((path) => !path.startsWith('node_modules/') && suspicious.test(extractFile(archive, path).toString('latin1')));
  expect(found).toEqual([]);
});

test('has its fuses set as shipped', async () => {
  const fuses = await getCurrentFuseWire(join(folder, 'latchkey'));
  expect(fuses[FuseV1Options.RunAsNode]).toBe(FuseState.DISABLE);
  expect(fuses[FuseV1Options.EnableNodeCliInspectArguments]).toBe(FuseState.DISABLE);
  expect(fuses[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(FuseState.DISABLE);
  expect(fuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(FuseState.ENABLE);
});

/** The packaged app at work, watched through Chromium's own debugging port: the inspector is off in what we ship. */
async function runPackaged(pcscSocket: string | null, work: (page: Page) => Promise<void>): Promise<void> {
  const userData = await mkdtemp(join(tmpdir(), 'latchkey-package-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = spawn(join(folder, 'latchkey'), [...sandbox, `--user-data-dir=${userData}`, '--remote-debugging-port=0', '--lang=en-US'], {
    stdio: 'ignore',
    env: { ...process.env, HOME: userData, PCSCLITE_CSOCK_NAME: pcscSocket ?? join(userData, 'no-pcscd') },
  });
  try {
    const portFile = join(userData, 'DevToolsActivePort');
    await expect.poll(() => readFile(portFile, 'utf8').catch(() => ''), { timeout: 20_000 }).toContain('\n');
    const [port] = (await readFile(portFile, 'utf8')).split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const page = browser.contexts()[0]?.pages()[0];
    if (!page) throw new Error('the packaged app has no window');
    await work(page);
    await browser.close();
  } finally {
    const ended = once(app, 'close');
    app.kill('SIGTERM');
    await ended;
    await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  }
}

test('starts and shows its first screen', () =>
  runPackaged(null, async (page) => {
    await expect(page.getByRole('heading', { name: en.welcome.title })).toBeVisible();
    expect(await page.evaluate(() => ({ node: typeof (globalThis as { process?: unknown }).process, bridge: typeof (globalThis as { latchkey?: unknown }).latchkey }))).toEqual({
      node: 'undefined',
      bridge: 'object',
    });
    // A module's process starts out of the archive too, and so does pkcs11js beside it.
    const failuresOfModules = async (): Promise<unknown> => {
      const modules = await call(page, 'modules.view', {});
      return modules.ok ? modules.value.found.map(({ name, failure }) => [name, failure]) : modules.failure.kind;
    };
    await expect.poll(failuresOfModules).toEqual([['OpenSC', null], ['ykcs11', null]]);
  }));

test("judges keys by Yubico's roots out of the archive: a virtual one is none of theirs", async ({ pcscd }) => {
  const insertion = await insertIntoVpcd(await ownedKey(5_240_001), { port: pcscd.ports[0] ?? 0 });
  await runPackaged(pcscd.socketPath, async (page) => {
    const verdict = async (): Promise<unknown> => {
      const [present] = await shownKeys(page);
      if (present?.kind !== 'ready') return present?.kind;
      const inventory = await call(page, 'care.inventory', { readerName: present.readerName });
      return inventory.ok ? inventory.value.map(({ slot, attestation }) => [slot, attestation]) : inventory.failure;
    };
    await expect.poll(verdict).toEqual([['9a', { kind: 'unknown-issuer', issuer: 'CN=Latchkey TEST PIV Root CA (proves nothing)' }]]);
  });
  await insertion.close();
});
