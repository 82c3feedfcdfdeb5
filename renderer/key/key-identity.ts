import type { PresentSecurityKey } from '../../core/security-key.ts';

/** What a key is known by while it is pulled out and plugged in elsewhere: its serial, or its reader where it has none. */
export function keyIdentity(key: PresentSecurityKey): string {
  return key.kind === 'ready' && key.facts.serial !== null ? `serial ${key.facts.serial}` : `reader ${key.readerName}`;
}
