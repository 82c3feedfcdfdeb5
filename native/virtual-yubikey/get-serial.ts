import type { Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';

/** GET SERIAL (Yubico, INS F8, firmware 5.0): four bytes. */
export function getSerial(card: Card): Response {
  return card.firmware.tellsSerial ? answer(serialBytes(card.state.serial)) : refuse(SW.INSTRUCTION_NOT_SUPPORTED);
}

/** A serial number as four big-endian bytes. */
export function serialBytes(serial: number): Uint8Array {
  return Uint8Array.of(serial >>> 24, serial >>> 16, serial >>> 8, serial);
}
