/** Looks at a screen as everybody may have it: both themes, large and small; asks axe; keeps pictures on request. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../scripts/paths.ts';
import { resize, useTheme, type RunningApp } from './launch.ts';

/** Set for the run that makes the pictures of the documents; other runs leave them alone. */
const KEEPS_PICTURES = process.env['LATCHKEY_SCREENSHOTS'] === '1';
const PICTURES = join(CHECKOUT, 'docs/screenshots');

const LARGE = { name: 'large', width: 1180, height: 820 };
const SMALL = { name: 'small', width: 720, height: 560 };
const VIEWS = [
  { theme: 'light', size: LARGE },
  { theme: 'dark', size: SMALL },
] as const;

/** Two views, from the top or at a place further down; the other two differ from them in nothing that these do not show. */
export async function look(running: RunningApp, screen: string, at?: Locator): Promise<void> {
  for (const view of VIEWS) {
    await show(running, view, at);
    await check(running.window, `${screen}, ${view.theme}, ${view.size.name}`);
    if (KEEPS_PICTURES) await keepPicture(running.window, `${screen}-${view.theme}-${view.size.name}`);
  }
}

/** The same for a screen that the documents have no picture of. */
export async function inspect(running: RunningApp, screen: string): Promise<void> {
  for (const view of VIEWS) {
    await show(running, view);
    await check(running.window, `${screen}, ${view.theme}, ${view.size.name}`);
  }
}

async function show(running: RunningApp, { theme, size }: (typeof VIEWS)[number], at?: Locator): Promise<void> {
  await resize(running, size.width, size.height);
  await useTheme(running, theme);
  // The pointer lies where it clicked last, and lights up whatever is there now.
  await running.window.mouse.move(0, 0);
  await settled(running.window);
  await at?.scrollIntoViewIfNeeded();
}

/** Nothing for axe to find, and nothing to scroll sideways for. */
export async function check(window: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: window }).setLegacyMode(true).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => String(target)).join(' ')})`);
  expect.soft(found, where).toEqual([]);
  const overhang = await window.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(overhang, `${where}: wider than the window`).toBeLessThanOrEqual(0);
}

export async function keepPicture(window: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  await window.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled', caret: 'hide' });
}

/** From the top, transitions ended, two frames drawn; or a second has passed, for a window that nobody sees draws no frames. */
async function settled(window: Page): Promise<void> {
  await window.evaluate(async () => {
    for (const element of document.querySelectorAll('*')) element.scrollTop = 0;
    const finite = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    const ended = Promise.all(finite.map((animation) => animation.finished.catch(() => undefined)));
    const drawn = ended.then(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, 1000))]);
  });
}
