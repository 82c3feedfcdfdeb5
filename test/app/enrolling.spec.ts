/** Enrollments that do not go straight: denied, wrong PIN, pulled key, CA gone, another day, wrong invitation. */
import { en } from '../../renderer/messages/en.ts';
import { failuresEn } from '../../renderer/messages/failures-en.ts';
import { answerForNewKey, button, finishWithPin, fourWords, heading, openInvitation } from './acts.ts';
import { expect, test, type PluggableKey, type World } from './fixtures.ts';
import type { LaunchOptions, RunningApp } from './launch.ts';
import type { TestAuthority } from './test-authority.ts';

const PIN = '482915';
const WORK = { timeout: 60_000 };
let people = 0;

interface Waiting {
  readonly app: RunningApp;
  readonly key: PluggableKey;
  readonly name: string;
}

/** A key from the shop whose request waits at the CA. */
async function waitingRequest(world: World, authority: TestAuthority, options: LaunchOptions = {}): Promise<Waiting> {
  const name = `Person ${++people}`;
  const key = await world.plugIn(0);
  const app = await world.launch(options);
  await openInvitation(app.window, await authority.invite(name, `person${people}@example.org`), authority.name);
  await button(app.window, en.key.enroll).click();
  await answerForNewKey(app.window, { pin: PIN });
  await expect(heading(app.window, en.enrollment.waiting.title)).toBeVisible(WORK);
  return { app, key, name };
}

test('a denied request shows the reason, and a new one can be made', async ({ world, authority }) => {
  const { app, name } = await waitingRequest(world, authority);
  const words = await fourWords(app.window, en.enrollment.waiting.words);
  await authority.decide(name, { deny: 'I do not know this key.' });
  await expect(heading(app.window, en.enrollment.denied.title)).toBeVisible();
  await expect(app.window.getByText('I do not know this key.')).toBeVisible();
  await button(app.window, en.enrollment.denied.again).click();
  // PIN and PUK stay as they are; the request is a new one.
  await expect(heading(app.window, en.enrollment.identity.title)).toBeVisible();
  await app.window.getByLabel(en.enrollment.identity.name, { exact: true }).fill(name);
  await app.window.getByLabel(en.enrollment.identity.email, { exact: true }).fill('somebody@example.org');
  await expect(app.window.getByText(en.enrollment.keyGone)).toBeHidden();
  await button(app.window, en.app.next).click();
  await app.window.getByLabel(en.enrollment.pin.current, { exact: true }).fill(PIN);
  await button(app.window, en.enrollment.submit.enroll).click();
  await expect(heading(app.window, en.enrollment.waiting.title)).toBeVisible(WORK);
  expect(await fourWords(app.window, en.enrollment.waiting.words)).not.toEqual(words);
});

test('a request that waits is taken back', async ({ world, authority }) => {
  const { app, name } = await waitingRequest(world, authority);
  await button(app.window, en.enrollment.waiting.takeBack).click();
  await expect(heading(app.window, en.enrollment.waiting.title)).toHaveCount(0);
  // Nobody can approve it any more.
  await expect(authority.decide(name, 'approve')).rejects.toThrow(/pending/);
});

test('a wrong PIN costs one attempt and says how many are left', async ({ world, authority }) => {
  const { app, name } = await waitingRequest(world, authority);
  await authority.decide(name, 'approve');
  await finishWithPin(app.window, '111222');
  await expect(app.window.getByText(failuresEn['pin-wrong']({ kind: 'pin-wrong', attemptsLeft: 2 }).what)).toBeVisible();
  await finishWithPin(app.window, PIN);
  await expect(heading(app.window, en.enrollment.done.title)).toBeVisible(WORK);
});

test('a key pulled while it works goes on when it is back', async ({ world, authority }) => {
  const name = `Person ${++people}`;
  const key = await world.plugIn(0);
  const app = await world.launch();
  await openInvitation(app.window, await authority.invite(name, `person${people}@example.org`), authority.name);
  await button(app.window, en.key.enroll).click();
  // Somewhere between PIN and key pair.
  await expect(heading(app.window, en.enrollment.identity.title)).toBeVisible();
  key.key.setFaults({ pullAfterCommands: 25 });
  await answerForNewKey(app.window, { pin: PIN });
  await expect(heading(app.window, en.enrollment.stopped.title)).toBeVisible(WORK);
  await expect(app.window.getByText(failuresEn['security-key-removed']({ kind: 'security-key-removed' }).what)).toBeVisible();
  key.key.setFaults({});
  await key.plugIn();
  await expect(heading(app.window, en.enrollment.stopped.title)).toBeHidden();
  await goOnAsking(app, PIN);
  await expect(heading(app.window, en.enrollment.waiting.title)).toBeVisible(WORK);
});

/** Answers whatever is still to be answered, until nothing is. */
async function goOnAsking({ window }: RunningApp, pin: string): Promise<void> {
  const pages = [en.enrollment.identity.title, en.enrollment.pin.chooseTitle, en.enrollment.pin.enterTitle, en.enrollment.puk.title];
  const anyPage = window.getByRole('heading', { level: 1, name: new RegExp(pages.map((title) => title.replace(/[()]/g, '\\$&')).join('|')) });
  for (;;) {
    await expect(anyPage).toBeVisible();
    const title = await anyPage.textContent();
    if (title === en.enrollment.pin.enterTitle) await window.getByLabel(en.enrollment.pin.current, { exact: true }).fill(pin);
    if (title === en.enrollment.pin.chooseTitle) {
      await window.getByLabel(en.enrollment.pin.new, { exact: true }).fill(pin);
      await window.getByLabel(en.enrollment.pin.repeat, { exact: true }).fill(pin);
    }
    if (title === en.enrollment.puk.title) await window.getByRole('checkbox', { name: en.enrollment.puk.written }).check();
    const next = button(window, en.app.next);
    if (await next.isVisible()) {
      await next.click();
      await expect(anyPage).not.toHaveText(title ?? '');
      continue;
    }
    await window.locator('button[type=submit]').click();
    return;
  }
}

test('a CA that is gone while the request waits is told, and the decision arrives when it is back', async ({ world, authority }) => {
  const { app, name } = await waitingRequest(world, authority);
  await authority.kill();
  await expect(app.window.getByText(en.enrollment.waiting.offlineTitle)).toBeVisible({ timeout: 40_000 });
  await authority.start();
  await expect(app.window.getByText(en.enrollment.waiting.offlineTitle)).toBeHidden({ timeout: 40_000 });
  await authority.decide(name, 'approve');
  await finishWithPin(app.window, PIN);
  await expect(heading(app.window, en.enrollment.done.title)).toBeVisible(WORK);
});

test('the next start goes on with the request that waits, and the key may have been away', async ({ world, authority }) => {
  const { app, key, name } = await waitingRequest(world, authority);
  const words = await fourWords(app.window, en.enrollment.waiting.words);
  await app.close();
  await key.pull();
  const tomorrow = await world.launch({ userData: app.userData });
  await expect(heading(tomorrow.window, en.key.none.title)).toBeVisible();
  await key.plugIn();
  await expect(tomorrow.window.getByText(en.key.standing.waiting(authority.name))).toBeVisible();
  await button(tomorrow.window, en.key.showRequest).click();
  expect(await fourWords(tomorrow.window, en.enrollment.waiting.words)).toEqual(words);
  await tomorrow.close();

  await authority.decide(name, 'approve');
  const dayAfter = await world.launch({ userData: app.userData });
  await expect(dayAfter.window.getByText(en.key.standing.approved)).toBeVisible();
  await button(dayAfter.window, en.key.finish).click();
  await finishWithPin(dayAfter.window, PIN);
  await expect(heading(dayAfter.window, en.enrollment.done.title)).toBeVisible(WORK);
});

test('a second start hands its invitation to the window that is open, and ends', async ({ world, authority }) => {
  const app = await world.launch();
  await expect(heading(app.window, en.welcome.title)).toBeVisible();
  const link = await authority.invite('Somebody', 'somebody@example.org');
  await expect(world.launch({ userData: app.userData, args: [link] })).rejects.toThrow();
  await expect(heading(app.window, en.authority.found.title(authority.name))).toBeVisible();
  await expect(app.window.getByText('Somebody, somebody@example.org')).toBeVisible();
});

test.describe('a CA that is not the one', () => {
  test('of the invitation is refused', async ({ world, authority }) => {
    const app = await world.launch();
    const link = (await authority.invite('Somebody', 'somebody@example.org')).replace(/sha256=[0-9a-f]{64}/, `sha256=${'0'.repeat(64)}`);
    await button(app.window, en.welcome.invitation).click();
    await app.window.getByLabel(en.authority.field).fill(link);
    await button(app.window, en.authority.look).click();
    const { what } = failuresEn['authority-fingerprint-mismatch']({ kind: 'authority-fingerprint-mismatch', address: authority.address, expected: '', actual: '' });
    await expect(app.window.getByText(what)).toBeVisible();
    await expect(app.window.getByRole('button', { name: en.authority.found.trust(authority.name) })).toHaveCount(0);
  });

  test('at a typed address is not trusted before its fingerprint is compared', async ({ world, authority }) => {
    const app = await world.launch();
    await button(app.window, en.welcome.address).click();
    await app.window.getByLabel(en.authority.field).fill(authority.address.replace('https://', ''));
    await button(app.window, en.authority.look).click();
    const trust = button(app.window, en.authority.found.trust(authority.name));
    await expect(trust).toBeDisabled();
    await app.window.getByLabel(en.authority.found.given).fill('0'.repeat(64));
    await expect(app.window.getByText(en.authority.found.different)).toBeVisible();
    await expect(trust).toBeDisabled();
    await app.window.getByLabel(en.authority.found.given).fill(authority.fingerprint.toUpperCase());
    await trust.click();
    await expect(heading(app.window, en.key.none.title)).toBeVisible();
  });
});
