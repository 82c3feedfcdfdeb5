/** Main, asked as the page asks it, where no screen is looked at. */
import type { Page } from '@playwright/test';
import type { Answers, CallArguments, CallName } from '../../core/ipc.ts';
import type { Result } from '../../core/result.ts';
import type { PresentSecurityKey } from '../../core/security-key.ts';

export function call<Name extends CallName>(page: Page, name: Name, args: CallArguments<Name>): Promise<Result<Answers[Name]>> {
  const answer = page.evaluate(([callName, callArgs]) => (globalThis as unknown as LooseBridge).latchkey.call(callName, callArgs), [name, args] as [string, unknown]);
  return answer as Promise<Result<Answers[Name]>>;
}

/** The bridge as it looks from here, where the page's types end. */
interface LooseBridge {
  readonly latchkey: { call(name: string, args: unknown): Promise<unknown> };
}

/** What is in the readers, as far as main knows; empty while that cannot be told. */
export async function shownKeys(page: Page): Promise<readonly PresentSecurityKey[]> {
  const situation = await call(page, 'keys.situation', {});
  return situation.ok && situation.value.kind === 'present' ? situation.value.keys : [];
}
