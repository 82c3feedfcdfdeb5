/** Every screen, looked at: axe finds nothing, nothing is cut off, and pictures are kept where asked for. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { en } from '../../renderer/messages/en.ts';
import { answerForNewKey, button, choose, choosePin, enterSigningPin, finishWithPin, goTo, heading, openInvitation, signIn } from './acts.ts';
import { holdCard } from './card-holder.ts';
import { expect, test } from './fixtures.ts';
import { inspect, look } from './look.ts';
import { TestAuthority } from './test-authority.ts';

const USER = { name: 'Ana Example', email: 'ana@example.org', pin: '482915' };
const APPROVER = { name: 'Petra Approver', email: 'petra@example.org', pin: '739264' };
const WORK = { timeout: 60_000 };

test('first steps', async ({ world, authority }) => {
  test.setTimeout(240_000);
  const app = await world.launch();
  const { window } = app;
  await expect(heading(window, en.welcome.title)).toBeVisible();
  await look(app, 'welcome');
  await goTo(window, 'requests');
  await expect(window.getByText(en.queue.signIn.noAuthority)).toBeVisible();
  await look(app, 'sign-in-without-ca');
  await goTo(window, 'settings');
  await look(app, 'settings-without-ca');
  await goTo(window, 'key');
  await button(window, en.welcome.invitation).click();
  await look(app, 'invitation');
  await window.getByLabel(en.authority.field).fill('latchkey://enroll?ca=https://127.0.0.1');
  await button(window, en.authority.look).click();
  await expect(window.getByRole('alert')).toBeVisible();
  await look(app, 'invitation-damaged');
  await window.getByLabel(en.authority.field).fill(authority.address);
  await button(window, en.authority.look).click();
  await expect(heading(window, en.authority.found.title(authority.name))).toBeVisible();
  await look(app, 'trust-by-hand');
  await button(window, en.app.back).click();
  await window.getByLabel(en.authority.field).fill(await authority.invite(USER.name, USER.email, 'approver'));
  await button(window, en.authority.look).click();
  await expect(window.getByText(en.authority.found.invited)).toBeVisible();
  await look(app, 'trust-by-invitation');
  await button(window, en.authority.found.trust(authority.name)).click();
  await expect(heading(window, en.key.none.title)).toBeVisible();
  await look(app, 'no-key');
  await goTo(window, 'requests');
  await expect(window.getByText(en.queue.signIn.noKey)).toBeVisible();
  await look(app, 'sign-in-without-key');
  await goTo(window, 'settings');
  await look(app, 'settings');
  await button(window, en.settings.forget).click();
  await look(app, 'settings-forget');
});

test('keys', async ({ world, pcscd }) => {
  test.setTimeout(240_000);
  const first = await world.plugIn(0);
  const app = await world.launch();
  const { window } = app;
  await button(window, en.welcome.look).click();
  await expect(window.getByText(String(first.key.serial))).toBeVisible();
  await look(app, 'key-from-the-shop');
  const second = await world.plugIn(1, { firmware: '4.3.7' });
  await expect(heading(window, en.key.choose.title)).toBeVisible();
  await look(app, 'choose-key');
  await first.pull();
  await expect(window.getByText(en.key.notTold).first()).toBeVisible();
  await look(app, 'key-that-tells-little');
  await second.pull();
  const third = await world.plugIn(0);
  const held = await holdCard(pcscd, third.readerName);
  const beside = await world.launch();
  await button(beside.window, en.welcome.look).click();
  await expect(beside.window.getByRole('alert')).toBeVisible();
  await inspect(beside, 'key-busy');
  await held.letGo();
  await expect(beside.window.getByText(String(third.key.serial))).toBeVisible();

  const folder = await mkdtemp(join(tmpdir(), 'latchkey-no-pcscd-'));
  const without = await world.launch({ pcscSocket: join(folder, 'none') });
  await button(without.window, en.welcome.look).click();
  await expect(without.window.getByRole('alert')).toBeVisible();
  await look(without, 'no-smart-card-service');
});

test('enrolling and approving', async ({ world }) => {
  test.setTimeout(480_000);
  const authority = await TestAuthority.create('Home CA');
  try {
    const approverKey = await world.plugIn(1);
    const approver = await world.launch();
    await openInvitation(approver.window, authority.firstInvitation, authority.name);
    await button(approver.window, en.key.enroll).click();
    await answerForNewKey(approver.window, APPROVER);
    await expect(heading(approver.window, en.enrollment.done.title)).toBeVisible(WORK);
    await button(approver.window, en.enrollment.done.back).click();
    await expect(approver.window.getByText(en.key.standing.done)).toBeVisible();
    await look(approver, 'key-enrolled');
    await goTo(approver.window, 'requests');
    await look(approver, 'sign-in');
    await signIn(approver.window, '000111');
    await expect(approver.window.getByRole('alert')).toBeVisible();
    await look(approver, 'sign-in-wrong-pin');
    await signIn(approver.window, APPROVER.pin);
    await expect(approver.window.getByText(en.queue.nonePending)).toBeVisible();
    await look(approver, 'requests-none');
    await approverKey.pull();

    // It waits for a finger as long as looking takes.
    const userKey = await world.plugIn(0, { touchTimeLimitMs: 60_000 });
    const user = await world.launch();
    const { window } = user;
    await openInvitation(window, await authority.invite(USER.name, USER.email), authority.name);
    await expect(button(window, en.key.enroll)).toBeVisible();
    await button(window, en.key.enroll).click();
    await expect(heading(window, en.enrollment.identity.title)).toBeVisible();
    await look(user, 'enroll-identity');
    await window.getByText(en.enrollment.identity.more).click();
    await choose(window, en.enrollment.identity.touch, en.enrollment.touchPolicies.always.name);
    await look(user, 'enroll-options');
    await button(window, en.app.next).click();
    await window.getByLabel(en.enrollment.pin.new, { exact: true }).fill('123456');
    await button(window, en.app.next).click();
    await look(user, 'enroll-pin-refused');
    await choosePin(window, USER.pin);
    await look(user, 'enroll-pin');
    await button(window, en.app.next).click();
    await expect(heading(window, en.enrollment.puk.title)).toBeVisible();
    await look(user, 'enroll-puk');
    await window.getByRole('radio', { name: en.enrollment.puk.own }).check();
    await look(user, 'enroll-own-puk');
    await window.getByRole('radio', { name: en.enrollment.puk.generate }).check();
    await window.getByRole('checkbox', { name: en.enrollment.puk.written }).check();
    userKey.key.setFaults({ delayMs: 700 });
    await button(window, en.enrollment.submit.enroll).click();
    await expect(heading(window, en.enrollment.working.title)).toBeVisible();
    await look(user, 'enroll-working');
    userKey.key.setFaults({});
    await expect(window.getByText(en.enrollment.working.touchTitle)).toBeVisible(WORK);
    await look(user, 'enroll-touch');
    expect(userKey.key.touch()).toBe(true);
    userKey.key.setAutoTouch(true);
    await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
    await look(user, 'enroll-waiting');
    await authority.kill();
    await expect(window.getByText(en.enrollment.waiting.offlineTitle)).toBeVisible({ timeout: 40_000 });
    await look(user, 'enroll-waiting-offline');
    await expect(approver.window.getByText(en.queue.offline)).toBeVisible({ timeout: 40_000 });
    await look(approver, 'requests-offline');
    await authority.start();
    await expect(window.getByText(en.enrollment.waiting.offlineTitle)).toBeHidden({ timeout: 40_000 });
    await button(window, en.enrollment.waiting.back).click();
    await look(user, 'key-waiting');
    await button(window, en.key.showRequest).click();

    await expect(approver.window.getByText(en.queue.offline)).toBeHidden({ timeout: 40_000 });
    await expect(button(approver.window, en.queue.open(USER.name))).toBeVisible();
    await approverKey.plugIn();
    await look(approver, 'requests-pending');
    await button(approver.window, en.queue.open(USER.name)).click();
    await expect(approver.window.getByText(en.queue.signing.hint)).toBeVisible();
    await look(approver, 'request');
    await button(approver.window, en.queue.request.deny).click();
    await look(approver, 'request-deny', button(approver.window, en.queue.request.denyButton));
    await button(approver.window, en.app.cancel).click();
    await enterSigningPin(approver.window, APPROVER.pin);
    await button(approver.window, en.queue.request.approve(USER.name)).click();
    await expect(approver.window.getByRole('main').getByText(en.queue.request.approvedNow(USER.name.split(' ')[0] ?? ''))).toBeVisible();
    await look(approver, 'request-approved');
    await button(approver.window, en.queue.request.toList).click();
    await approver.window.getByRole('button', { name: new RegExp(`^${en.queue.decided}`) }).click();
    await look(approver, 'requests-decided');
    await approverKey.pull();

    await expect(heading(window, en.enrollment.pin.finishTitle)).toBeVisible();
    await look(user, 'enroll-approved');
    await finishWithPin(window, '111222');
    await expect(window.getByRole('alert')).toBeVisible();
    await look(user, 'enroll-wrong-pin');
    await finishWithPin(window, USER.pin);
    await expect(heading(window, en.enrollment.done.title)).toBeVisible(WORK);
    await look(user, 'enroll-done');
  } finally {
    await authority.close();
  }
});

test('what is on the key would be lost, and a denial', async ({ world, authority }) => {
  test.setTimeout(240_000);
  const other = await TestAuthority.create('Former CA');
  try {
    const { key } = await world.plugIn(0);
    key.setAutoTouch(true);
    const former = await world.launch();
    await openInvitation(former.window, other.firstInvitation, other.name);
    await button(former.window, en.key.enroll).click();
    await answerForNewKey(former.window, USER);
    await expect(heading(former.window, en.enrollment.done.title)).toBeVisible(WORK);
    await former.close();

    const app = await world.launch();
    const { window } = app;
    await openInvitation(window, await authority.invite(USER.name, USER.email), authority.name);
    await button(window, en.key.enroll).click();
    await expect(heading(window, en.enrollment.replace.title)).toBeVisible();
    await look(app, 'enroll-replace');
    await window.getByLabel(en.enrollment.replace.typeSerial(key.serial)).fill(String(key.serial));
    await button(window, en.app.next).click();
    await button(window, en.app.next).click();
    await expect(heading(window, en.enrollment.pin.enterTitle)).toBeVisible();
    await look(app, 'enroll-enter-pin');
    await window.getByLabel(en.enrollment.pin.current, { exact: true }).fill(USER.pin);
    await button(window, en.enrollment.submit.enroll).click();
    await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
    await authority.decide(USER.name, { deny: 'Please use the key that the office gave you. This one is not on our list.' });
    await expect(heading(window, en.enrollment.denied.title)).toBeVisible();
    await look(app, 'enroll-denied');
  } finally {
    await other.close();
  }
});
