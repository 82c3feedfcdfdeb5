/** What people do in the window, by the words they read there. */
import { expect, type Locator, type Page } from '@playwright/test';
import { en } from '../../renderer/messages/en.ts';

/** A button whose whole name is this. */
export function button(window: Page, name: string): Locator {
  return window.getByRole('button', { name, exact: true });
}

export function heading(window: Page, name: string): Locator {
  return window.getByRole('heading', { level: 1, name, exact: true });
}

/** From the first screen: pastes the invitation and trusts the CA that it names. */
export async function openInvitation(window: Page, link: string, authorityName: string): Promise<void> {
  await button(window, en.welcome.invitation).click();
  await window.getByLabel(en.authority.field).fill(link);
  await button(window, en.authority.look).click();
  await trust(window, authorityName);
}

export async function trust(window: Page, authorityName: string): Promise<void> {
  await expect(heading(window, en.authority.found.title(authorityName))).toBeVisible();
  await button(window, en.authority.found.trust(authorityName)).click();
}

export interface NewKeyAnswers {
  readonly pin: string;
  /** Typed where the invitation does not say it. */
  readonly name?: string;
  readonly email?: string;
  readonly touch?: 'never' | 'always';
}

/** Answers the questions for a key from the shop, with a PUK made by the app. Answers the PUK. */
export async function answerForNewKey(window: Page, { pin, name, email, touch }: NewKeyAnswers): Promise<string> {
  await expect(heading(window, en.enrollment.identity.title)).toBeVisible();
  if (name !== undefined) await window.getByLabel(en.enrollment.identity.name, { exact: true }).fill(name);
  if (email !== undefined) await window.getByLabel(en.enrollment.identity.email, { exact: true }).fill(email);
  if (touch !== undefined) {
    await window.getByText(en.enrollment.identity.more).click();
    await choose(window, en.enrollment.identity.touch, en.enrollment.touchPolicies[touch].name);
  }
  await button(window, en.app.next).click();
  await choosePin(window, pin);
  await button(window, en.app.next).click();
  await expect(heading(window, en.enrollment.puk.title)).toBeVisible();
  const puk = await window.getByRole('status', { name: en.enrollment.puk.generated }).textContent();
  await window.getByRole('checkbox', { name: en.enrollment.puk.written }).check();
  await button(window, en.enrollment.submit.enroll).click();
  return puk ?? '';
}

/** One of a group of choices, such as the touch policies: the same words may stand in another group too. */
export async function choose(window: Page, group: string, choice: string): Promise<void> {
  await window.getByRole('radiogroup', { name: group }).getByRole('radio', { name: choice, exact: true }).check();
}

export async function choosePin(window: Page, pin: string): Promise<void> {
  await expect(heading(window, en.enrollment.pin.chooseTitle)).toBeVisible();
  await window.getByLabel(en.enrollment.pin.new, { exact: true }).fill(pin);
  await window.getByLabel(en.enrollment.pin.repeat, { exact: true }).fill(pin);
}

/** The four words on the screen. */
export async function fourWords(window: Page, label: string): Promise<readonly string[]> {
  const words = window.getByRole('list', { name: label }).getByRole('listitem');
  await expect(words).toHaveCount(4);
  return words.allTextContents();
}

/** The PIN that puts an approved certificate onto the key. */
export async function finishWithPin(window: Page, pin: string): Promise<void> {
  await expect(heading(window, en.enrollment.pin.finishTitle)).toBeVisible();
  await window.getByLabel(en.enrollment.pin.current, { exact: true }).fill(pin);
  await button(window, en.enrollment.submit.finish).click();
}

export async function goTo(window: Page, place: keyof typeof en.rail & ('key' | 'requests' | 'settings')): Promise<void> {
  await window.getByRole('navigation').getByRole('button', { name: new RegExp(`^${en.rail[place]}`) }).click();
}

/** Signs in as the approver whose key is plugged in. */
export async function signIn(window: Page, pin: string): Promise<void> {
  await expect(heading(window, en.queue.signIn.title)).toBeVisible();
  await window.getByLabel(en.queue.signIn.pin, { exact: true }).fill(pin);
  await button(window, en.queue.signIn.button).click();
}

/** Types the PIN for a decision, once the window has seen the key that signed in. */
export async function enterSigningPin(window: Page, pin: string): Promise<void> {
  await expect(window.getByText(en.queue.signing.hint)).toBeVisible();
  await window.getByLabel(en.queue.signing.pin, { exact: true }).fill(pin);
}
