/** Key care without a mouse: a way out and an act of care from end to end, and Esc, which loses nothing. */
import type { Locator, Page } from '@playwright/test';
import { en } from '../../renderer/messages/en.ts';
import { changed, OWN } from '../cli/owned-key.ts';
import { pinOf, pukOf } from '../flows/watched-card.ts';
import { button, heading } from './acts.ts';
import { back, care, lookAfter, submit } from './care-acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';
import { fromTheTop, tabTo } from './keyboard.ts';
import { resize } from './launch.ts';

function field(window: Page, label: string): Locator {
  return window.locator('input').and(window.getByLabel(label, { exact: true }));
}

/** Tab to a field, and the text typed key by key. */
async function enter(window: Page, label: string, text: string): Promise<void> {
  await tabTo(window, field(window, label));
  await window.keyboard.type(text);
}

test('a blocked PIN is unblocked by keyboard alone, in the smallest window', async ({ desk }) => {
  const { window, app } = desk;
  await resize(app, 720, 560);
  const { key } = await desk.plugIn(changed(await desk.owned(), ({ pin }) => void (pin.attemptsLeft = 0)));
  const unblock = button(window, care.acts['unblock-pin']);
  await expect(unblock).toBeVisible();
  await tabTo(window, unblock);
  await window.keyboard.press('Enter');
  await fromTheTop(window, heading(window, care.pin.unblock.titleBlocked));
  await enter(window, care.pin.unblock.current, OWN.puk);
  await enter(window, en.enrollment.pin.new, OWN.newPin);
  await enter(window, en.enrollment.pin.repeat, OWN.newPin);
  await window.keyboard.press('Enter');
  await fromTheTop(window, heading(window, care.pin.unblock.done));
  await tabTo(window, button(window, care.done));
  await window.keyboard.press('Enter');
  await expect(unblock).toBeHidden();
  expect(pinOf(key)).toBe(OWN.newPin);
});

test('PIN and PUK are changed by keyboard alone', async ({ desk }) => {
  const { window, app } = desk;
  await resize(app, 980, 700);
  const { key } = await desk.plugIn(await desk.owned());
  await expect(button(window, care.open)).toBeVisible();
  await tabTo(window, button(window, care.open));
  await window.keyboard.press('Space');
  await fromTheTop(window, heading(window, care.list.title));
  await tabTo(window, button(window, care.acts['change-pin']));
  await window.keyboard.press('Enter');
  await fromTheTop(window, heading(window, care.pin.change.title));
  await enter(window, care.pin.change.current, OWN.pin);
  await tabTo(window, button(window, `${en.secrets.reveal}: ${care.pin.change.current}`));
  await window.keyboard.down('Space');
  await expect(field(window, care.pin.change.current)).toHaveAttribute('type', 'text');
  await window.keyboard.up('Space');
  await expect(field(window, care.pin.change.current)).toHaveAttribute('type', 'password');
  await enter(window, en.enrollment.pin.new, OWN.newPin);
  await enter(window, en.enrollment.pin.repeat, OWN.newPin);
  await tabTo(window, submit(window));
  await window.keyboard.press('Space');
  await fromTheTop(window, heading(window, care.pin.change.done));
  await tabTo(window, button(window, care.done));
  await window.keyboard.press('Enter');
  expect(pinOf(key)).toBe(OWN.newPin);

  await fromTheTop(window, heading(window, care.list.title));
  await tabTo(window, button(window, care.acts['change-puk']));
  await window.keyboard.press('Enter');
  await fromTheTop(window, heading(window, care.puk.title));
  await enter(window, care.puk.current, OWN.puk);
  const [generate, own] = [window.getByRole('radio', { name: en.enrollment.puk.generate }), window.getByRole('radio', { name: en.enrollment.puk.own })];
  await tabTo(window, generate);
  await window.keyboard.press('ArrowDown');
  await expect(own).toBeChecked();
  await window.keyboard.press('ArrowUp');
  await expect(generate).toBeChecked();
  const puk = await window.getByRole('status', { name: en.enrollment.puk.generated }).textContent();
  await tabTo(window, window.getByRole('checkbox', { name: en.enrollment.puk.written }));
  await window.keyboard.press('Space');
  await tabTo(window, submit(window));
  await window.keyboard.press('Enter');
  await expect(heading(window, care.puk.done)).toBeFocused();
  expect(pukOf(key)).toBe(puk);
});

/** Everything that can be opened from the list, by the whole name of its button. */
const OPENED = [
  ...[care.acts['change-pin'], care.pin.check.title, `${care.list.forgot} ${care.newPinWithPuk}`, care.acts['change-puk'], care.acts['rotate-management-key']],
  ...[care.acts['set-retries'], `${care.list.look}: ${care.list.inventory}`, `${care.list.move}: ${care.list.oldKey}`, `${care.list.startOver} ${care.list.reset}`],
];

test('Esc leads back from every screen, and nothing that was typed is done', async ({ desk }) => {
  const { window } = desk;
  const { key, lostAttempts } = await desk.plugIn(await desk.owned({ firmware: '5.7.1' }));
  const before = key.exportState();
  await lookAfter(window);
  await expect(button(window, OPENED[7] ?? '')).toBeVisible();
  const list = heading(window, care.list.title);
  for (const name of OPENED) {
    await button(window, name).click();
    await expect(list, name).toBeHidden();
    for (const input of await window.locator('form input[type=password]:visible').all()) await input.fill(OWN.wrongPin);
    await window.keyboard.press('Escape');
    await expect(list, name).toBeVisible();
  }
  // Out of the pages of an act, one by one.
  await button(window, care.acts['set-retries']).click();
  await submit(window).click();
  await expect(heading(window, care.retries.present.title)).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(heading(window, care.retries.title)).toBeVisible();
  await back(window);
  // Out of what the key holds.
  await button(window, `${care.list.look}: ${care.list.inventory}`).click();
  await window.getByRole('button', { name: new RegExp(`^${care.inventory.places['9a']}`) }).click();
  await button(window, care.slot.delete).click();
  for (const title of [care.inventory.places['9a'], care.inventory.title, care.list.title]) {
    await window.keyboard.press('Escape');
    await expect(heading(window, title)).toBeVisible();
  }
  await window.keyboard.press('Escape');
  await expect(button(window, care.open)).toBeVisible();
  expect([key.exportState(), lostAttempts]).toEqual([before, []]);
});
