/** Actions cut off in the middle, by a pull and by the end of the device process: the window says what is left, and it is done. */
import { en } from '../../renderer/messages/en.ts';
import { OWN, referenceDataOf } from '../cli/owned-key.ts';
import { isManagementKeyKnown, pinOf, pukOf } from '../flows/watched-card.ts';
import { button, heading } from './acts.ts';
import { back, care, openFromList, submit, takeGeneratedPuk, told, type, typeNewPin, words } from './care-acts.ts';
import { test, type Desk } from './care-desk.ts';
import { killAt, pullAt, startDeviceProcess, useUpRestart } from './cut-off.ts';
import { expect } from './fixtures.ts';

const RESET = `${care.list.startOver} ${care.list.reset}`;
const AT_PUK = 0x81;

test('a reset cut off by a pull while the PIN is being blocked: the right PIN keeps the key as it is', async ({ desk }) => {
  const { window } = desk;
  const { key, plugIn } = await desk.plugIn(await desk.owned());
  const { keys, objects } = key.exportState();
  await openFromList(window, RESET);
  pullAt(key, { ins: 'VERIFY', count: 2 }, 'command');
  await type(window, care.reset.typeSerial(String(key.serial)), String(key.serial));
  await submit(window).click();
  await expect(told(window, care.interrupted.reset)).toBeVisible();
  await expect(told(window, care.keyGone)).toBeVisible();
  key.setFaults({});
  await plugIn();
  await expect(heading(window, care.reset.unfinished.title)).toBeVisible();
  await expect(window.getByRole('listitem').filter({ hasText: care.reset.unfinished.blockPin })).not.toContainText(care.reset.unfinished.isDone);
  expect(referenceDataOf(key, 'pin').left).toBe(2);
  await button(window, care.keepByPin).click();
  await type(window, care.pin.check.field, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.pin.check.done)).toBeVisible();
  await button(window, care.done).click();
  await button(window, RESET).click();
  // Nothing is left of it: a reset would begin anew.
  await expect(heading(window, care.reset.title)).toBeVisible();
  expect(key.exportState()).toMatchObject({ keys, objects, pin: { attemptsLeft: 3 }, puk: { attemptsLeft: 3 } });
});

test('a reset cut off by the end of the device process when both are blocked: it is started again, and the reset is finished', async ({ desk }) => {
  const { window } = desk;
  const { key } = await desk.plugIn(await desk.owned());
  await useUpRestart(desk);
  await openFromList(window, RESET);
  killAt(desk, key, { ins: 'RESET_RETRY_COUNTER', count: 3 });
  await type(window, care.reset.typeSerial(String(key.serial)), String(key.serial));
  await submit(window).click();
  await expect(told(window, words({ kind: 'device-process-ended' }))).toBeVisible();
  await button(window, en.problem.restart).click();
  await expect(heading(window, care.reset.unfinished.title)).toBeVisible();
  for (const step of [care.reset.unfinished.blockPin, care.reset.unfinished.blockPuk]) {
    await expect(window.getByRole('listitem').filter({ hasText: step })).toContainText(care.reset.unfinished.isDone);
  }
  await expect(button(window, care.keepByPin).or(button(window, care.keepByPuk))).toBeHidden();
  expect(Object.keys(key.exportState().keys)).toContain('9a');
  await back(window, 2);
  await expect(told(window, care.conditions['reset-unfinished'].title)).toBeVisible();
  await button(window, care.acts['go-on-resetting']).click();
  await type(window, care.reset.typeSerial(String(key.serial)), String(key.serial));
  await submit(window).click();
  await expect(heading(window, care.reset.done)).toBeVisible();
  expect(Object.keys(key.exportState().keys)).toEqual(['f9']);
  expect([pinOf(key), pukOf(key)]).toEqual(['123456', '12345678']);
  await button(window, care.later).click();
  await expect(told(window, care.conditions['reset-unfinished'].title)).toBeHidden();
});

/** To the last page of setting the attempts, filled in; answers the PUK that was made. */
async function fillInRetries({ window }: Desk): Promise<string> {
  await openFromList(window, care.acts['set-retries']);
  await type(window, care.retries.pin, '6');
  await type(window, care.retries.puk, '4');
  await submit(window).click();
  await type(window, care.retries.present.label, OWN.pin);
  await submit(window).click();
  await typeNewPin(window, OWN.newPin);
  await submit(window).click();
  return takeGeneratedPuk(window);
}

test('setting the attempts cut off by a pull when both are factory values: new ones are chosen, one after the other', async ({ desk }) => {
  const { window } = desk;
  const { key, plugIn, lostAttempts } = await desk.plugIn(await desk.owned());
  await fillInRetries(desk);
  pullAt(key, { ins: 'CHANGE_REFERENCE_DATA' }, 'command');
  await submit(window).click();
  await expect(told(window, care.keyGone)).toBeVisible();
  key.setFaults({});
  await plugIn();
  await expect(told(window, care.conditions['retries-unfinished'].title)).toBeVisible();
  expect([pinOf(key), pukOf(key)]).toEqual(['123456', '12345678']);
  await button(window, care.acts['change-pin']).click();
  // What the key says of itself is used, and not asked for.
  await expect(told(window, care.pin.change.factory)).toBeVisible();
  await typeNewPin(window, OWN.newPin);
  await submit(window).click();
  await expect(heading(window, care.pin.change.done)).toBeVisible();
  await button(window, care.done).click();
  await button(window, care.acts['change-puk']).click();
  await expect(told(window, care.puk.factory)).toBeVisible();
  const puk = await takeGeneratedPuk(window);
  await submit(window).click();
  await expect(heading(window, care.puk.done)).toBeVisible();
  await button(window, care.done).click();
  await button(window, care.acts['set-retries']).click();
  await expect(heading(window, care.retries.title)).toBeVisible();
  expect([pinOf(key), pukOf(key), isManagementKeyKnown(key)]).toEqual([OWN.newPin, puk, true]);
  expect(key.exportState()).toMatchObject({ pin: { attemptsLeft: 6, attemptsTotal: 6 }, puk: { attemptsLeft: 4, attemptsTotal: 4 } });
  expect(lostAttempts).toEqual([]);
});

test('setting the attempts cut off by the end of the device process after the PUK: the PIN alone is left', async ({ desk }) => {
  const { window } = desk;
  const { key, lostAttempts } = await desk.plugIn(await desk.owned());
  const puk = await fillInRetries(desk);
  killAt(desk, key, { ins: 'CHANGE_REFERENCE_DATA', p2: AT_PUK });
  await submit(window).click();
  await expect(told(window, care.conditions['retries-unfinished'].title)).toBeVisible();
  await startDeviceProcess(desk);
  await expect(button(window, care.acts['change-pin'])).toBeVisible();
  await expect(told(window, care.waysOut)).toBeHidden();
  expect([pinOf(key), pukOf(key)]).toEqual(['123456', puk]);
  await button(window, care.retries.again).click();
  // The factory PIN is not asked for, and the numbers are as they were typed.
  await expect(told(window, care.pin.change.factory)).toBeVisible();
  await submit(window).click();
  await typeNewPin(window, OWN.newPin);
  // The next page is filled in already, and waits for its turn all the same.
  await expect(told(window, care.retries.page(3, 4))).toBeVisible();
  await submit(window).click();
  const newPuk = await takeGeneratedPuk(window);
  await submit(window).click();
  await expect(heading(window, care.retries.done)).toBeVisible();
  expect([pinOf(key), pukOf(key), isManagementKeyKnown(key)]).toEqual([OWN.newPin, newPuk, true]);
  expect(lostAttempts).toEqual([]);
});

const CUTS = [
  { by: 'a pull', at: { ins: 'SET_MANAGEMENT_KEY' }, isStored: false },
  { by: 'the end of the device process', at: { ins: 'PUT_DATA', count: 2 }, isStored: true },
] as const;

for (const { by, at, isStored } of CUTS) {
  test(`renewing the lock cut off by ${by}: the PIN opens it, and renewing again finishes it`, async ({ desk }) => {
    const { window } = desk;
    const { key, plugIn } = await desk.plugIn(await desk.owned());
    const before = key.exportState().managementKey.value;
    await openFromList(window, care.acts['rotate-management-key']);
    if (by === 'a pull') pullAt(key, at, 'answer');
    else killAt(desk, key, at);
    await type(window, care.lock.pin, OWN.pin);
    await submit(window).click();
    await expect(told(window, care.interrupted.lock)).toBeVisible();
    const cut = key.exportState();
    expect(cut.managementKey.value).not.toBe(before);
    expect(isManagementKeyKnown(key)).toBe(isStored);
    expect(cut.objects['5fff4c']).toBeDefined();
    if (by === 'a pull') {
      key.setFaults({});
      await plugIn();
    } else await startDeviceProcess(desk);
    await type(window, care.lock.pin, OWN.pin);
    await submit(window).click();
    await expect(heading(window, care.lock.done)).toBeVisible();
    expect(isManagementKeyKnown(key)).toBe(true);
    expect(key.exportState().objects['5fff4c']).toBeUndefined();
  });
}

test('moving the old secret cut off by a pull after it moved: going on does the rest', async ({ desk }) => {
  const { window } = desk;
  const { key, plugIn } = await desk.plugIn(await desk.owned({ firmware: '5.7.1' }));
  const certificate = key.exportState().objects['5fc105'];
  await openFromList(window, `${care.list.move}: ${care.list.oldKey}`);
  pullAt(key, { ins: 'MOVE_KEY' }, 'answer');
  await type(window, care.retire.pin, OWN.pin);
  await submit(window).click();
  await expect(told(window, care.interrupted.retire)).toBeVisible();
  key.setFaults({});
  await plugIn();
  await expect(told(window, care.keyGone)).toBeHidden();
  await type(window, care.retire.pin, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.retire.done)).toBeVisible();
  const { keys, objects } = key.exportState();
  expect(Object.keys(keys).toSorted()).toEqual(['82', 'f9']);
  expect([objects['5fc10d'], objects['5fc105']]).toEqual([certificate, undefined]);
});
