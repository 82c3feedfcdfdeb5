/** PIN and PUK: changed, tried, made, printed and saved; the rules while they are typed; and nothing of them anywhere else. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { en } from '../../renderer/messages/en.ts';
import { OWN } from '../cli/owned-key.ts';
import { pinOf, pukOf } from '../flows/watched-card.ts';
import { button, heading } from './acts.ts';
import { attempts, care, openFromList, submit, takeGeneratedPuk, told, type, typeNewPin, words } from './care-acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';
import { saveTo } from './save-dialog.ts';

/** Letters, so that no number in a file is taken for it. */
const NEW_PIN = 'Kq7xPz2m';

function rule(window: Page, text: string): Locator {
  return window.getByRole('listitem').filter({ hasText: text });
}

test('a PIN is changed by the present one, with the rules ticked off while it is typed', async ({ desk }) => {
  const { window } = desk;
  const { key, lostAttempts } = await desk.plugIn(await desk.owned());
  await openFromList(window, care.acts['change-pin']);
  await expect(told(window, attempts(3, 3))).toBeVisible();
  const { rules, ruleMet, ruleOpen } = en.secrets;
  await type(window, en.enrollment.pin.new, '12345');
  await expect(rule(window, rules.length(6))).toContainText(ruleOpen);
  await type(window, en.enrollment.pin.new, '123456');
  await expect(rule(window, rules.length(6))).toContainText(ruleMet);
  await expect(rule(window, rules.factory)).toContainText(ruleOpen);
  await typeNewPin(window, NEW_PIN);
  for (const met of [rules.length(6), rules.factory, rules.same]) await expect(rule(window, met)).toContainText(ruleMet);
  // Incomplete, so it goes nowhere: the field that is missing takes the focus.
  await submit(window).click();
  await expect(window.locator('input').and(window.getByLabel(care.pin.change.current, { exact: true }))).toBeFocused();
  expect(lostAttempts).toEqual([]);
  await type(window, care.pin.change.current, OWN.wrongPin);
  await submit(window).click();
  await expect(window.getByRole('alert')).toContainText(words({ kind: 'pin-wrong', attemptsLeft: 2 }));
  expect(pinOf(key)).toBe(OWN.pin);
  await type(window, care.pin.change.current, OWN.pin);
  await typeNewPin(window, NEW_PIN);
  await submit(window).click();
  await expect(heading(window, care.pin.change.done)).toBeVisible();
  expect(pinOf(key)).toBe(NEW_PIN);
  expect(lostAttempts).toEqual(['24 63c2']);
});

test('a FIPS key of firmware 5.7 wants eight characters, and nothing everybody tries first', async ({ desk }) => {
  const { window } = desk;
  const { key, lostAttempts } = await desk.plugIn(desk.fromTheShop('5.7.1', { fips: true }));
  await openFromList(window, care.acts['change-pin']);
  await expect(told(window, care.pin.change.factory)).toBeVisible();
  const { rules, ruleMet, ruleOpen } = en.secrets;
  await typeNewPin(window, OWN.pin);
  await expect(rule(window, rules.length(8))).toContainText(ruleOpen);
  await submit(window).click();
  await expect(told(window, en.secrets.tooShort(8))).toBeVisible();
  await typeNewPin(window, '11111111');
  await expect(rule(window, rules.length(8))).toContainText(ruleMet);
  await expect(rule(window, rules.notTrivial)).toContainText(ruleOpen);
  await typeNewPin(window, NEW_PIN);
  await submit(window).click();
  await expect(heading(window, care.pin.change.done)).toBeVisible();
  expect([pinOf(key), pukOf(key)]).toEqual([NEW_PIN, '12345678']);
  expect(lostAttempts).toEqual([]);
});

test('a PUK that the app makes is shown this once, saved where the person says, printed, and found nowhere else', async ({ desk }) => {
  const { window, app } = desk;
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-sheet-'));
  const { key } = await desk.plugIn(await desk.owned());
  await openFromList(window, care.acts['change-puk']);
  await type(window, care.puk.current, OWN.puk);
  const first = await takeGeneratedPuk(window);
  await saveTo(app, null);
  await button(window, en.secrets.save).click();
  await saveTo(app, '/dev/null/puk.txt');
  await button(window, en.secrets.save).click();
  await expect(window.getByRole('alert')).toContainText(en.secrets.notSaved);
  const file = join(folder, 'puk.txt');
  await saveTo(app, file);
  await button(window, en.secrets.save).click();
  await expect(told(window, en.secrets.savedTo(file))).toBeVisible();
  const sheet = await readFile(file, 'utf8');
  for (const line of [first, String(key.serial), en.pukSheet.keep]) expect(sheet).toContain(line);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  // Another one makes the file wrong, and what was said about paper too.
  await button(window, en.enrollment.puk.another).click();
  await expect(told(window, en.secrets.savedOther(file))).toBeVisible();
  await submit(window).click();
  await expect(told(window, en.enrollment.puk.writtenMissing)).toBeVisible();
  expect(pukOf(key)).toBe(OWN.puk);
  const puk = await takeGeneratedPuk(window);
  expect(puk).not.toBe(first);
  await print(window, puk, key.serial);
  await submit(window).click();
  await expect(heading(window, care.puk.done)).toBeVisible();
  expect(pukOf(key)).toBe(puk);
  await expect(window.locator('body')).not.toContainText(puk);
  await button(window, care.done).click();
  await button(window, care.acts['change-puk']).click();
  expect(await window.getByRole('status', { name: en.enrollment.puk.generated }).textContent()).not.toBe(puk);
  await rm(folder, { recursive: true });
  expect(await filesThatHold([first, puk, OWN.puk, OWN.pin, NEW_PIN], app.userData)).toEqual([]);
});

/** The sheet is drawn on paper alone, and gone when it is printed. */
async function print(window: Page, puk: string, serial: number): Promise<void> {
  await window.evaluate(() => void (globalThis.print = () => undefined));
  await button(window, en.enrollment.puk.print).click();
  const sheet = window.getByText(en.pukSheet.title, { exact: true });
  await expect(sheet).toBeHidden();
  await window.emulateMedia({ media: 'print' });
  await expect(sheet).toBeVisible();
  await expect(window.locator('body > div').filter({ has: sheet })).toContainText(new RegExp(`${puk}.*${serial}`, 's'));
  await expect(heading(window, care.puk.title)).toBeHidden();
  await window.emulateMedia({ media: null });
  await window.evaluate(() => globalThis.dispatchEvent(new Event('afterprint')));
  await expect(sheet).toHaveCount(0);
}

/** Files under a folder in which one of these stands, as text. */
async function filesThatHold(secrets: readonly string[], folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(paths.length).toBeGreaterThan(5);
  const holds = async (path: string): Promise<boolean> => {
    const content = await readFile(path, 'latin1').catch(() => '');
    return secrets.some((secret) => content.includes(secret));
  };
  const found = await Promise.all(paths.map(async (path) => ((await holds(path)) ? [path] : [])));
  return found.flat();
}
