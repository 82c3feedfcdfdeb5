/** Going through the window with the Tab key, as somebody does who cannot use a mouse. */
import { expect, type Locator, type Page } from '@playwright/test';

const MAX_STOPS = 40;

interface Stop {
  /** How it is read out, roughly; for messages. */
  readonly name: string;
  /** Nothing that is wrong with the stop, or what is. */
  readonly faults: readonly string[];
}

/**
 * Presses Tab until `target` has the focus. At every stop on the way the focus can be seen, nothing covers it, and stops
 * come in the order in which the screen is read.
 */
export async function tabTo(window: Page, target: Locator): Promise<void> {
  const names: string[] = [];
  for (let stops = 0; stops < MAX_STOPS; stops++) {
    await window.keyboard.press('Tab');
    const { name, faults } = await window.evaluate(lookAtFocus);
    expect(faults, `the focus on "${name}", after ${names.join(', ')}`).toEqual([]);
    if (await target.evaluate((element) => element === document.activeElement)) return;
    names.push(name);
  }
  throw new Error(`Tab does not lead to ${String(target)}, but to ${names.join(', ')}`);
}

/** Runs in the page. Remembers the stop before on the window of the page. */
function lookAtFocus(): Stop {
  const memory = globalThis as { stopBefore?: Element };
  const element = document.activeElement;
  if (element === null || element === document.body) return { name: 'nothing', faults: ['there is no focus'] };
  const faults: string[] = [];
  const before = memory.stopBefore;
  const isLater = before?.isConnected !== true || before === element || (before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  if (!isLater) faults.push('it comes earlier on the screen than the stop before');
  memory.stopBefore = element;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  if (!element.matches(':focus-visible') || outlineStyle === 'none' || outlineWidth === '0px') faults.push('it cannot be seen');
  const { left, top, width, height } = element.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  if (hit === null || !(element.contains(hit) || hit.contains(element))) faults.push('something covers it, or it is out of the window');
  return { name: element.getAttribute('aria-label') ?? (element as HTMLElement).innerText ?? element.tagName, faults };
}

/** Forgets the stop before, where the next screen begins from its top. */
export async function fromTheTop(window: Page, heading: Locator): Promise<void> {
  await expect(heading).toBeFocused();
  await window.evaluate(() => void delete (globalThis as { stopBefore?: Element }).stopBefore);
}
