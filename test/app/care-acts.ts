/** What people do to look after a key, by the words they read there. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Failure } from '../../core/failures.ts';
import { wordFailure } from '../../renderer/messages/failures.ts';
import { en } from '../../renderer/messages/en.ts';
import { button, heading } from './acts.ts';

export const care = en.care;

/** From the key's first screen to everything that can be done with it. */
export async function lookAfter(window: Page): Promise<void> {
  await button(window, care.open).click();
  await expect(heading(window, care.list.title)).toBeVisible();
}

/** One of the things on that list, by the whole name of its button. */
export async function openFromList(window: Page, name: string): Promise<void> {
  await lookAfter(window);
  await button(window, name).click();
}

/** Esc, and the screen before; one after the other, for a second Esc in the same moment would be the first one's. */
export async function back(window: Page, screens = 1): Promise<void> {
  const title = window.getByRole('heading', { level: 1 });
  for (let screen = 0; screen < screens; screen++) {
    const before = (await title.textContent()) ?? '';
    await window.keyboard.press('Escape');
    await expect(title).not.toHaveText(before);
  }
}

export async function type(window: Page, label: string, value: string): Promise<void> {
  // A group of buttons beside the field may have the same name.
  await window.locator('input').and(window.getByLabel(label, { exact: true })).fill(value);
}

/** A new PIN, twice. */
export async function typeNewPin(window: Page, pin: string): Promise<void> {
  await type(window, en.enrollment.pin.new, pin);
  await type(window, en.enrollment.pin.repeat, pin);
}

/** Takes the PUK that the app made, and says that it is on paper. */
export async function takeGeneratedPuk(window: Page): Promise<string> {
  const puk = await window.getByRole('status', { name: en.enrollment.puk.generated }).textContent();
  await window.getByRole('checkbox', { name: en.enrollment.puk.written }).check();
  return puk ?? '';
}

/** Words on the screen itself; what is read out beside it says the same again. */
export function told(window: Page, text: string): Locator {
  return window.getByRole('main').getByText(text);
}

/** The main button of a form. */
export function submit(window: Page): Locator {
  return window.locator('button[type=submit]');
}

/** What the window says of a failure, such as "The PIN is wrong. 2 attempts are left." */
export function words(failure: Failure): string {
  return wordFailure(failure, en.failures).what;
}

/** "2 / 3 attempts left", as it stands beside a field or in a tile. */
export function attempts(left: number, total: number): string {
  return `${left} / ${total} ${en.key.attemptWord(left)}`;
}
