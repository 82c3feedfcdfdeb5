/** PIN and PUK, entered wrongly until they block: what the window says, and how each is put right with the least loss. */
import { en } from '../../renderer/messages/en.ts';
import { referenceDataOf, OWN, changed } from '../cli/owned-key.ts';
import { isManagementKeyKnown, pinOf, pukOf } from '../flows/watched-card.ts';
import { answerForNewKey, button, finishWithPin, heading } from './acts.ts';
import { attempts, back, care, lookAfter, openFromList, submit, takeGeneratedPuk, told, type, typeNewPin, words } from './care-acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';

const WORK = { timeout: 60_000 };

test('a wrong PIN, the last attempt, a blocked PIN: unblocked with the PUK, and nothing is lost', async ({ desk }) => {
  const { window } = desk;
  const { key, lostAttempts } = await desk.plugIn(await desk.owned());
  const { keys, objects } = key.exportState();
  await openFromList(window, care.pin.check.title);
  await type(window, care.pin.check.field, OWN.wrongPin);
  await submit(window).click();
  await expect(window.getByRole('alert')).toContainText(words({ kind: 'pin-wrong', attemptsLeft: 2 }));
  await expect(told(window, attempts(2, 3))).toBeVisible();
  await type(window, care.pin.check.field, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.pin.check.done)).toBeVisible();
  expect(referenceDataOf(key, 'pin').left).toBe(3);

  await button(window, care.done).click();
  await button(window, care.pin.check.title).click();
  for (const left of [2, 1]) {
    await type(window, care.pin.check.field, OWN.wrongPin);
    await submit(window).click();
    await expect(window.getByRole('alert')).toContainText(words({ kind: 'pin-wrong', attemptsLeft: left }));
  }
  await back(window, 2);
  await expect(told(window, care.conditions['pin-last-attempt'].title)).toBeVisible();
  await told(window, care.waysOut).click();
  await expect(window.getByRole('listitem').filter({ hasText: care.newPinWithPuk })).toContainText(care.losses.nothing);
  await expect(window.getByRole('listitem').filter({ hasText: care.acts.reset })).toContainText(care.losses.everything);

  await button(window, care.acts['enter-pin']).click();
  await expect(told(window, en.secrets.lastAttempt.PIN)).toBeVisible();
  await type(window, care.pin.check.field, OWN.wrongPin);
  await submit(window).click();
  await expect(told(window, care.conditions['pin-blocked'].title)).toBeVisible();
  await button(window, care.acts['unblock-pin']).click();
  await expect(heading(window, care.pin.unblock.titleBlocked)).toBeVisible();
  await type(window, care.pin.unblock.current, OWN.wrongPuk);
  await typeNewPin(window, OWN.newPin);
  await submit(window).click();
  await expect(window.getByRole('alert')).toContainText(words({ kind: 'puk-wrong', attemptsLeft: 2 }));
  await expect(told(window, attempts(2, 3))).toBeVisible();
  await type(window, care.pin.unblock.current, OWN.puk);
  await typeNewPin(window, OWN.newPin);
  await submit(window).click();
  await expect(heading(window, care.pin.unblock.done)).toBeVisible();
  await button(window, care.done).click();
  await expect(told(window, attempts(3, 3))).toHaveCount(2);
  await expect(told(window, care.conditions['pin-blocked'].title)).toBeHidden();
  expect([referenceDataOf(key, 'pin'), referenceDataOf(key, 'puk')]).toEqual([
    { value: OWN.newPin, left: 3 },
    { value: OWN.puk, left: 3 },
  ]);
  expect(key.exportState()).toMatchObject({ keys, objects });
  // Only what was typed wrongly was tried.
  expect(lostAttempts).toEqual(['20 63c2', '20 63c2', '20 63c1', '20 63c0', '2c 63c2']);
});

test('a blocked PUK: the attempts are set anew, and with them PIN and PUK', async ({ desk }) => {
  const { window } = desk;
  const blocked = changed(await desk.owned({ firmware: '5.7.1' }), ({ puk }) => void (puk.attemptsLeft = 0));
  const { key, lostAttempts } = await desk.plugIn(blocked);
  await expect(told(window, care.conditions['puk-blocked'].title)).toBeVisible();
  await button(window, care.acts['set-retries']).click();
  await expect(told(window, care.retries.warning)).toBeVisible();
  await type(window, care.retries.pin, '256');
  await submit(window).click();
  await expect(told(window, care.retries.range)).toBeVisible();
  await window.getByRole('group', { name: care.retries.pin }).getByRole('button', { name: care.retries.preset(8) }).click();
  await type(window, care.retries.puk, '5');
  await submit(window).click();
  await type(window, care.retries.present.label, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.retries.newPin.title)).toBeVisible();
  await typeNewPin(window, OWN.newPin);
  await submit(window).click();
  await expect(heading(window, care.retries.newPuk.title)).toBeVisible();
  const puk = await takeGeneratedPuk(window);
  await submit(window).click();
  await expect(told(window, care.retries.doneHint('8', '5'))).toBeVisible();
  await button(window, care.done).click();
  await expect(told(window, attempts(8, 8))).toBeVisible();
  await expect(told(window, attempts(5, 5))).toBeVisible();
  await expect(told(window, care.conditions['puk-blocked'].title)).toBeHidden();
  expect([pinOf(key), pukOf(key), isManagementKeyKnown(key)]).toEqual([OWN.newPin, puk, true]);
  expect(lostAttempts).toEqual([]);
});

test('PIN and PUK blocked: what is lost is named, the serial is typed, and the key is enrolled anew', async ({ desk, authority }) => {
  const { window } = desk;
  const blocked = changed(await desk.owned({ name: 'mail.example.org' }), ({ pin, puk }) => void (pin.attemptsLeft = puk.attemptsLeft = 0));
  const { key } = await desk.plugIn(blocked);
  await expect(told(window, care.conditions['pin-and-puk-blocked'].title)).toBeVisible();
  await expect(told(window, care.losses.everything)).toBeVisible();
  await button(window, care.acts.reset).click();
  await expect(heading(window, care.reset.title)).toBeVisible();
  await expect(told(window, care.reset.certificateAndSecret(care.certificateFor('mail.example.org')))).toBeVisible();
  await type(window, care.reset.typeSerial(String(key.serial)), String(key.serial + 1));
  await submit(window).click();
  await expect(told(window, care.reset.different)).toBeVisible();
  expect(Object.keys(key.exportState().keys)).toContain('9a');
  await type(window, care.reset.typeSerial(String(key.serial)), String(key.serial));
  await submit(window).click();
  await expect(heading(window, care.reset.done)).toBeVisible();
  expect(key.exportState()).toMatchObject({ pin: { attemptsLeft: 3 }, puk: { attemptsLeft: 3 } });
  expect(Object.keys(key.exportState().keys)).toEqual(['f9']);

  await button(window, care.reset.enroll).click();
  await answerForNewKey(window, { pin: OWN.newPin, name: 'Rita Reset', email: 'rita@example.org' });
  await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
  await authority.decide('Rita Reset', 'approve');
  await finishWithPin(window, OWN.newPin);
  await expect(heading(window, en.enrollment.done.title)).toBeVisible(WORK);
  await button(window, en.enrollment.done.back).click();
  await lookAfter(window);
  await expect(told(window, care.lock.forms.protected.state)).toBeVisible();
});
