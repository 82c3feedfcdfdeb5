/** A second key for the same person, enrolled in one flow with the first; both are shown together from then on. */
import { en } from '../../renderer/messages/en.ts';
import { answerForNewKey, button, finishWithPin, heading } from './acts.ts';
import { care, told } from './care-acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';
import { inspect, look } from './look.ts';

const WORK = { timeout: 60_000 };
const PERSON = { name: 'Berta Backup', email: 'berta@example.org', pin: '482915' };

test('a backup key is enrolled after the first, with the same name; one that lies in a drawer is still shown', async ({ desk, authority }) => {
  test.setTimeout(120_000);
  const { window } = desk;
  const first = await desk.plugIn(desk.fromTheShop('5.7.1'), 0);
  await button(window, en.key.enroll).click();
  await answerForNewKey(window, PERSON);
  await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
  await authority.decide(PERSON.name, 'approve');
  await finishWithPin(window, PERSON.pin);
  await expect(heading(window, en.enrollment.done.title)).toBeVisible(WORK);
  await button(window, care.keys.enroll).click();
  await expect(told(window, care.backup.plugIn)).toBeVisible();
  await look(desk.app, 'backup-key');
  const second = await desk.plugIn(desk.fromTheShop('5.4.3'), 1);
  await expect(told(window, care.backup.found)).toBeVisible();
  await expect(told(window, String(second.key.serial))).toBeVisible();
  await inspect(desk.app, 'backup-key-found');
  await button(window, care.backup.begin).click();
  await expect(heading(window, en.enrollment.identity.title)).toBeVisible();
  await expect(window.getByLabel(en.enrollment.identity.name, { exact: true })).toHaveValue(PERSON.name);
  await expect(window.getByLabel(en.enrollment.identity.email, { exact: true })).toHaveValue(PERSON.email);
  await answerForNewKey(window, { pin: PERSON.pin });
  await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
  await authority.decide(PERSON.name, 'approve');
  await finishWithPin(window, PERSON.pin);
  await expect(heading(window, en.enrollment.done.title)).toBeVisible(WORK);

  const keys = window.getByRole('listitem').filter({ hasText: new RegExp(`${en.key.serial} \\d`) });
  await expect(keys).toHaveCount(2);
  await expect(keys.nth(0)).toContainText(`${care.keys.main}, ${care.keys.pluggedIn}`);
  await expect(keys.nth(0)).toContainText(String(first.key.serial));
  await expect(keys.nth(1)).toContainText(`${care.keys.backup}, ${care.keys.pluggedIn}`);
  await first.pull();
  await expect(keys.nth(0)).toContainText(`${care.keys.main}, ${care.keys.away}`);
  await button(window, en.enrollment.done.back).click();
  await expect(told(window, care.keys.title)).toBeVisible();
  await expect(keys.nth(0)).toContainText(`${care.keys.main}, ${care.keys.away}`);
  await expect(button(window, care.keys.enroll)).toBeHidden();
  await look(desk.app, 'your-keys');
  await button(window, care.keys.forgetNamed(String(first.key.serial))).click();
  await expect(keys).toHaveCount(0);
  await expect(button(window, care.keys.enroll)).toBeVisible();
});
