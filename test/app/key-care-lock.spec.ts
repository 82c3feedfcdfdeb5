/** The settings lock in each of its forms: unknown, computed from the PIN, half done. */
import { FACTORY } from '../../native/piv/identifiers.ts';
import { toHex } from '../../core/bytes.ts';
import { changed, OWN, referenceDataOf, UNKNOWN_MANAGEMENT_KEY, withUnknownManagementKey } from '../cli/owned-key.ts';
import { isManagementKeyKnown } from '../flows/watched-card.ts';
import { OWNER_PIN } from '../native/piv/direct-access.ts';
import { keyOfForm } from '../native/piv/management-forms.ts';
import { button, heading } from './acts.ts';
import { back, care, lookAfter, submit, told, type, typeNewPin, words } from './care-acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';

test('a code that the app does not have: what still can be done is said and done; the code is typed, and renewed', async ({ desk }) => {
  const { window } = desk;
  const { key, lostAttempts } = await desk.plugIn(withUnknownManagementKey(await desk.owned()));
  await expect(told(window, care.conditions['management-key-unknown'].title)).toBeVisible();
  await lookAfter(window);
  await button(window, care.acts['change-pin']).click();
  await type(window, care.pin.change.current, OWN.pin);
  await typeNewPin(window, OWN.newPin);
  await submit(window).click();
  await expect(heading(window, care.pin.change.done)).toBeVisible();
  await back(window, 2);

  await button(window, care.acts['enter-management-key']).click();
  for (const line of [care.lock.unknownCan, care.lock.unknownCannot, care.lock.unknownAsk]) await expect(told(window, line)).toBeVisible();
  await type(window, care.lock.pin, OWN.newPin);
  await type(window, care.lock.code, 'a1b2');
  await submit(window).click();
  await expect(told(window, care.lock.codeWrong(48))).toBeVisible();
  await type(window, care.lock.code, UNKNOWN_MANAGEMENT_KEY.replaceAll('a1', 'a3'));
  await submit(window).click();
  await expect(window.getByRole('alert')).toContainText(words({ kind: 'management-key-unknown' }));
  expect(key.exportState().managementKey.value).toBe(UNKNOWN_MANAGEMENT_KEY);
  // Secrets are cleared with every try; codes are pasted as other programs write them.
  await type(window, care.lock.code, UNKNOWN_MANAGEMENT_KEY.toUpperCase().match(/../g)?.join(':') ?? '');
  await type(window, care.lock.pin, OWN.newPin);
  await submit(window).click();
  await expect(heading(window, care.lock.done)).toBeVisible();
  expect(isManagementKeyKnown(key)).toBe(true);
  expect(key.exportState().managementKey.value).not.toBe(UNKNOWN_MANAGEMENT_KEY);
  expect(referenceDataOf(key, 'pin')).toEqual({ value: OWN.newPin, left: 3 });
  expect(lostAttempts).toEqual([]);
  await button(window, care.done).click();
  await expect(told(window, care.conditions['management-key-unknown'].title)).toBeHidden();
});

test('a lock that is computed from the PIN is renewed as a random one', async ({ desk }) => {
  const { window } = desk;
  const { key } = await keyOfForm('5.4.3', 'derived');
  const { key: onDesk } = await desk.plugIn(desk.renamed(key));
  await expect(told(window, care.conditions['management-key-derived'].title)).toBeVisible();
  await button(window, care.acts['rotate-management-key']).click();
  await expect(told(window, care.lock.forms.derived.text)).toBeVisible();
  await type(window, care.lock.pin, OWNER_PIN);
  await submit(window).click();
  await expect(heading(window, care.lock.done)).toBeVisible();
  expect(isManagementKeyKnown(onDesk)).toBe(true);
  await button(window, care.done).click();
  await expect(told(window, care.conditions['management-key-derived'].title)).toBeHidden();
});

test('a lock that was half done is finished', async ({ desk }) => {
  const { window } = desk;
  const unfinished = changed(await desk.owned(), ({ managementKey }) => void (managementKey.value = toHex(FACTORY.MANAGEMENT_KEY)));
  const { key } = await desk.plugIn(unfinished);
  await expect(told(window, care.conditions['management-key-unfinished'].title)).toBeVisible();
  await button(window, care.acts['rotate-management-key']).click();
  await expect(told(window, care.lock.forms.unfinished.text)).toBeVisible();
  await type(window, care.lock.pin, OWN.wrongPin);
  await submit(window).click();
  await expect(window.getByRole('alert')).toContainText(words({ kind: 'pin-wrong', attemptsLeft: 2 }));
  await type(window, care.lock.pin, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.lock.done)).toBeVisible();
  expect(key.exportState().managementKey.value).not.toBe(toHex(FACTORY.MANAGEMENT_KEY));
  expect(isManagementKeyKnown(key)).toBe(true);
});
