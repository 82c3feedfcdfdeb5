/** The demo: the product with virtual keys beside it, and a panel that stands for the hand. */
import type { Page } from '@playwright/test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_FILE_VARIABLE, type DemoFile } from '../../electron/demo/demo-file.ts';
import { TEXTS } from '../../electron/demo/panel/panel-texts.ts';
import { serveControl } from '../../native/virtual-yubikey/control-server.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd } from '../../native/virtual-yubikey/vpcd.ts';
import { en } from '../../renderer/messages/en.ts';
import { answerForNewKey, button, heading, openInvitation } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { check, keepPicture, look } from './look.ts';
import { useTheme, type RunningApp } from './launch.ts';

const PIN = '482915';

test('the panel plugs in, pulls and touches; the window says that all of it is virtual', async ({ world, pcscd, authority }) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  const [user, approver] = [new VirtualYubiKey({ firmware: '5.7.1', serial: 5_290_001 }), new VirtualYubiKey({ firmware: '5.4.3', serial: 5_290_002 })];
  const [userInsertion, approverInsertion] = [
    await insertIntoVpcd(user, { port: pcscd.ports[0] ?? 0 }),
    await insertIntoVpcd(approver, { port: pcscd.ports[1] ?? 0 }),
  ];
  await approverInsertion.remove();
  const controlSocket = join(folder, 'control');
  const control = await serveControl(controlSocket, [
    { key: user, label: 'user', insertion: userInsertion },
    { key: approver, label: 'approver', insertion: approverInsertion },
  ]);
  const file: DemoFile = {
    controlSocket,
    keys: [
      { serial: user.serial, owner: 'user', pin: null },
      { serial: approver.serial, owner: 'approver', pin: '739264' },
    ],
    invitationLink: await authority.invite('Dora Demo', 'dora@example.org'),
  };
  await writeFile(join(folder, 'demo.json'), JSON.stringify(file));
  try {
    const app = await world.launch({ entry: 'demo/demo-main.js', env: { [DEMO_FILE_VARIABLE]: join(folder, 'demo.json') } });
    await expect(app.window.getByText(en.app.demo)).toBeVisible();
    const panel = await panelOf(app);
    await expect(panel.getByRole('heading', { name: TEXTS.title })).toBeVisible();
    await expect(panel.getByText('739264')).toBeVisible();
    await look(app, 'demo');
    for (const theme of ['light', 'dark'] as const) {
      await useTheme(app, theme);
      await check(panel, `panel, ${theme}`);
      if (process.env['LATCHKEY_SCREENSHOTS'] === '1') await keepPicture(panel, `demo-panel-${theme}`);
    }

    await openInvitation(app.window, file.invitationLink ?? '', authority.name);
    await expect(app.window.getByText(String(user.serial))).toBeVisible();
    const own = TEXTS.owner.user;
    await panel.getByRole('button', { name: TEXTS.actionOn(TEXTS.pull, own) }).click();
    await expect(heading(app.window, en.key.none.title)).toBeVisible();
    await panel.getByRole('button', { name: TEXTS.actionOn(TEXTS.plugIn, own) }).click();
    await expect(app.window.getByText(String(user.serial))).toBeVisible();
    await button(app.window, en.key.enroll).click();
    await answerForNewKey(app.window, { pin: PIN, touch: 'always' });
    await expect(panel.getByText(TEXTS.state.touch)).toBeVisible({ timeout: 60_000 });
    await panel.getByRole('button', { name: TEXTS.actionOn(TEXTS.touch, own) }).click();
    await expect(heading(app.window, en.enrollment.waiting.title)).toBeVisible({ timeout: 60_000 });

    await control.close();
    await expect(panel.getByText(TEXTS.lost)).toBeVisible();
  } finally {
    await control.close().catch(() => undefined);
    await Promise.all([userInsertion.close(), approverInsertion.close()]);
    await rm(folder, { recursive: true });
  }
});

async function panelOf({ app, window }: RunningApp): Promise<Page> {
  const panel = app.windows().find((page) => page !== window) ?? (await app.waitForEvent('window'));
  await expect(panel).toHaveURL('app://panel/panel.html');
  return panel;
}
