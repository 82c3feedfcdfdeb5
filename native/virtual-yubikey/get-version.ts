import type { Response } from '../piv/apdu.ts';
import { answer } from './card.ts';
import type { Card } from './card.ts';

/** GET VERSION (Yubico, INS FD): the firmware's three numbers. */
export function getVersion({ firmware: { version } }: Card): Response {
  return answer(Uint8Array.of(version.major, version.minor, version.patch));
}
