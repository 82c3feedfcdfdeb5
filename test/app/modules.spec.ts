/** PKCS#11 modules in the real app: libraries that crash or hang, and the choice among those that are well. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import type { ModulesFacts } from '../../core/security-key.ts';
import { locateModules } from '../../native/pkcs11/locate.ts';
import { MODULE_VARIABLE } from '../../native/pkcs11/select-module.ts';
import { compileModule } from '../native/pkcs11/misbehaving-module.ts';
import { call, shownKeys } from './calls.ts';
import { expect, test } from './fixtures.ts';
import { forgetProfile } from './launch.ts';

const PIN = '123456';
const DEVICE_PROCESS = 'Latchkey security keys';
const MODULE_PROCESS = 'Latchkey PKCS#11 module';

function processIds(app: ElectronApplication, serviceName: string): Promise<readonly number[]> {
  return app.evaluate(({ app: electron }, wanted) => electron.getAppMetrics().filter(({ name }) => name === wanted).map(({ pid }) => pid), serviceName);
}

let folder: string;
test.beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'latchkey-modules-'))));
test.afterAll(() => rm(folder, { recursive: true }));

for (const behaviour of ['segfaults', 'aborts', 'hangs'] as const) {
  test(`a module that ${behaviour} is named; the device process and the key stay, and another module can be chosen`, async ({ world }) => {
    const { key, readerName } = await world.plugIn(0);
    const path = compileModule(folder, behaviour);
    const { app, window } = await world.launch({ env: { [MODULE_VARIABLE]: path } });
    await expect.poll(() => shownKeys(window)).toMatchObject([{ kind: 'ready' }]);
    const device = await processIds(app, DEVICE_PROCESS);
    const failure: object = behaviour === 'hangs' ? { kind: 'module-failed', module: path, detail: expect.stringMatching(/^C_Initialize: no answer in \d+ s$/) } : { kind: 'module-crashed', module: path };
    expect(await call(window, 'care.verifyPin', { readerName, keySerial: key.serial, pin: PIN })).toEqual({ ok: false, failure });
    const view = await call(window, 'modules.view', {});
    expect(view).toMatchObject({ ok: true, value: { choice: 'automatic', used: path, reason: 'environment', found: [{ path, version: null, failure }, { name: 'OpenSC', failure: null }, { name: 'ykcs11', failure: null }] } });
    await expect.poll(() => processIds(app, MODULE_PROCESS)).toEqual([]);
    await call(window, 'modules.choose', { choice: view.ok ? (view.value.found[1]?.path ?? '') : '' });
    expect(await call(window, 'care.verifyPin', { readerName, keySerial: key.serial, pin: PIN })).toMatchObject({ ok: true });
    expect(await processIds(app, DEVICE_PROCESS)).toEqual(device);
    await expect.poll(() => shownKeys(window)).toMatchObject([{ kind: 'ready' }]);
  });
}

test('the choice holds when the device process is started anew, and when the app is', async ({ world }) => {
  const [, ykcs11] = await locateModules({ environment: {} });
  if (!ykcs11) throw new Error('ykcs11 is not installed; run the set-up');
  const { key, readerName } = await world.plugIn(0);
  const chosen = { choice: ykcs11.path, used: ykcs11.path, reason: 'chosen' } satisfies Partial<ModulesFacts>;
  const first = await world.launch();
  await expect.poll(() => shownKeys(first.window)).toMatchObject([{ kind: 'ready' }]);
  expect(await call(first.window, 'modules.view', {})).toMatchObject({ ok: true, value: { choice: 'automatic', reason: 'usual' } });
  expect(await call(first.window, 'modules.choose', { choice: ykcs11.path })).toMatchObject({ ok: true, value: chosen });
  const [device] = await processIds(first.app, DEVICE_PROCESS);
  if (device === undefined) throw new Error('there is no device process');
  process.kill(device, 'SIGKILL');
  await expect.poll(() => processIds(first.app, DEVICE_PROCESS)).not.toEqual([device]);
  await expect.poll(() => shownKeys(first.window)).toMatchObject([{ kind: 'ready' }]);
  expect(await call(first.window, 'modules.view', {})).toMatchObject({ ok: true, value: chosen });
  expect(await call(first.window, 'care.verifyPin', { readerName, keySerial: key.serial, pin: PIN })).toMatchObject({ ok: true });
  // With the device process gone its module is not left behind.
  expect(await processIds(first.app, MODULE_PROCESS)).toHaveLength(1);
  await first.close();
  const second = await world.launch({ userData: first.userData });
  await expect.poll(() => shownKeys(second.window)).toMatchObject([{ kind: 'ready' }]);
  expect(await call(second.window, 'modules.view', {})).toMatchObject({ ok: true, value: chosen });
  await second.close();
  await forgetProfile(first.userData);
});
