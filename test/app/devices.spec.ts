/** What is plugged in, what is missing, what breaks: each has its screen, and recovers by itself when the cause goes away. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { en } from '../../renderer/messages/en.ts';
import { failuresEn } from '../../renderer/messages/failures-en.ts';
import { startPrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { button, heading } from './acts.ts';
import { holdCard } from './card-holder.ts';
import { killDeviceProcess } from './device-process.ts';
import { expect, test } from './fixtures.ts';
import type { RunningApp } from './launch.ts';

const wording = (failure: keyof typeof failuresEn): string => failuresEn[failure]({} as never).what;

/** To the place of the key, without a CA. */
async function lookAtKey({ window }: RunningApp): Promise<void> {
  await button(window, en.welcome.look).click();
}

test('a key shows up within a second of insertion, and goes when it is pulled', async ({ world }) => {
  const app = await world.launch();
  await lookAtKey(app);
  await expect(heading(app.window, en.key.none.title)).toBeVisible();
  const { key, pull, plugIn } = await world.plugIn(0, { firmware: '5.7.1' });
  const insertedAt = Date.now();
  await expect(app.window.getByText(String(key.serial))).toBeVisible({ timeout: 3000 });
  const shownAfterMs = Date.now() - insertedAt;
  test.info().annotations.push({ type: 'shown after', description: `${shownAfterMs} ms` });
  await expect(app.window.getByText('5.7.1')).toBeVisible();
  await expect(app.window.getByText(en.key.factory)).toHaveCount(2);
  await pull();
  await expect(heading(app.window, en.key.none.title)).toBeVisible();
  await plugIn();
  await expect(app.window.getByText(String(key.serial))).toBeVisible();
});

test('of two keys one is chosen', async ({ world }) => {
  const first = await world.plugIn(0);
  const second = await world.plugIn(1, { firmware: '4.3.7' });
  const app = await world.launch();
  await lookAtKey(app);
  await expect(heading(app.window, en.key.choose.title)).toBeVisible();
  await app.window.getByRole('button', { name: new RegExp(String(first.key.serial)) }).click();
  await expect(app.window.getByText(String(first.key.serial))).toBeVisible();
  await button(app.window, en.key.choose.other).click();
  await app.window.getByRole('button', { name: /4\.3\.7/ }).click();
  await expect(app.window.getByText(en.key.notTold).first()).toBeVisible();
  await second.pull();
  await expect(app.window.getByText(String(first.key.serial))).toBeVisible();
});

test('without the smart card service the app says so, and goes on as soon as it is there', async ({ world }) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-no-pcscd-'));
  const pcscSocket = join(folder, 'pcscd.comm');
  const app = await world.launch({ pcscSocket });
  await lookAtKey(app);
  const missing = app.window.getByText(wording('smart-card-service-missing'));
  await expect(missing).toBeVisible();
  await expect(app.window.getByText(en.key.recovers)).toBeVisible();
  const pcscd = await startPrivatePcscd({ readers: 1 });
  try {
    await symlink(pcscd.socketPath, pcscSocket);
    await expect(heading(app.window, en.key.none.title)).toBeVisible();
    await expect(missing).toBeHidden();
  } finally {
    await pcscd.close();
  }
  await expect(missing).toBeVisible();
  await rm(folder, { recursive: true });
});

test('a key that another program holds says so, and recovers when it is let go', async ({ world, pcscd }) => {
  const { key, readerName } = await world.plugIn(0);
  const held = await holdCard(pcscd, readerName);
  const app = await world.launch();
  await lookAtKey(app);
  await expect(app.window.getByText(new RegExp(`${failuresEn['security-key-busy']({ kind: 'security-key-busy' }).what}|is using the key`))).toBeVisible();
  await held.letGo();
  await expect(app.window.getByText(String(key.serial))).toBeVisible();
});

test('the device process is started anew when it ends, once by itself and then on request', async ({ world }) => {
  const { key } = await world.plugIn(0);
  const app = await world.launch();
  await lookAtKey(app);
  const serial = app.window.getByText(String(key.serial));
  const ended = app.window.getByText(wording('device-process-ended'));
  await expect(serial).toBeVisible();
  await killDeviceProcess(app.app);
  await expect(serial).toBeHidden();
  await expect(serial).toBeVisible();
  await killDeviceProcess(app.app);
  await expect(ended).toBeVisible();
  // It stays ended until somebody says so; main itself is well.
  await button(app.window, en.problem.restart).click();
  await expect(serial).toBeVisible();
  await expect(ended).toBeHidden();
});
