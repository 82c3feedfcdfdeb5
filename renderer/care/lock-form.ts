/** What guards the settings of a key, in the forms a person can tell apart; and the code that opens it, as it is typed. */
import type { ManagementKeyAlgorithm, ManagementKeyFacts } from '../../core/security-key.ts';

/**
 *   shop        the factory one, which everybody knows
 *   unfinished  on its way to 'protected', cut off
 *   protected   random, stored on the key, readable with the PIN
 *   derived     computed from the PIN by another program
 *   unknown     none of these: only whoever set it has it
 *   not-told    the firmware (before 5.3) does not say whether it is the factory one
 */
export type LockForm = 'shop' | 'unfinished' | 'protected' | 'derived' | 'unknown' | 'not-told';

export function lockForm({ isFactory, isPinProtected, isPinDerived }: ManagementKeyFacts): LockForm {
  if (isFactory === true) return isPinProtected ? 'unfinished' : 'shop';
  if (isPinProtected) return 'protected';
  if (isPinDerived) return 'derived';
  return isFactory === false ? 'unknown' : 'not-told';
}

/** Hexadecimal digits of a management key (NIST SP 800-78-4, table 6). */
const DIGITS: Readonly<Record<ManagementKeyAlgorithm, number>> = { '3DES': 48, 'AES-128': 32, 'AES-192': 48, 'AES-256': 64 };

export function codeDigits({ algorithm }: Pick<ManagementKeyFacts, 'algorithm'>): number {
  return DIGITS[algorithm];
}

/** A code as it was typed or pasted, without the spaces and colons that people and programs put between its digits. */
export function normalizeCode(text: string): string {
  return text.replace(/[\s:-]/g, '').toLowerCase();
}

/** Whether it can be sent to the key: as many hexadecimal digits as its algorithm wants. */
export function isCode(text: string, managementKey: Pick<ManagementKeyFacts, 'algorithm'>): boolean {
  const code = normalizeCode(text);
  return code.length === codeDigits(managementKey) && /^[0-9a-f]*$/.test(code);
}
