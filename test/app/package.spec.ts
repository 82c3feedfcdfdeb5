/** What `npm run package` makes: it starts, and it holds nothing of the demo, the CA server or the tests. */
import { expect, test, chromium } from '@playwright/test';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { FuseState } from '@electron/fuses/dist/constants.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageApp } from '../../scripts/package.ts';
import { en } from '../../renderer/messages/en.ts';
import { call } from './calls.ts';

let folder: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  folder = await packageApp();
});

test('holds the product and nothing else', () => {
  const archive = join(folder, 'resources/app.asar');
  const files = listPackage(archive, { isPack: false }).map((path) => path.slice(1));
  const ownFiles = files.filter((path) => /\.(js|cjs|mjs|html|css|json|pem|key)$/.test(path));
  expect(files).toContain('main/main.js');
  expect(files).toContain('renderer/index.html');
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

test('starts and shows its first screen', async () => {
  const userData = await mkdtemp(join(tmpdir(), 'latchkey-package-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // The inspector is off in what we ship, so the page is watched through Chromium's own debugging port.
  const app = spawn(join(folder, 'latchkey'), [...sandbox, `--user-data-dir=${userData}`, '--remote-debugging-port=0', '--lang=en-US'], {
    stdio: 'ignore',
    env: { ...process.env, HOME: userData, PCSCLITE_CSOCK_NAME: join(userData, 'no-pcscd') },
  });
  try {
    const portFile = join(userData, 'DevToolsActivePort');
    await expect.poll(() => readFile(portFile, 'utf8').catch(() => ''), { timeout: 20_000 }).toContain('\n');
    const [port] = (await readFile(portFile, 'utf8')).split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const page = browser.contexts()[0]?.pages()[0];
    if (!page) throw new Error('the packaged app has no window');
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
    await browser.close();
  } finally {
    const ended = once(app, 'close');
    app.kill('SIGTERM');
    await ended;
    await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  }
});
