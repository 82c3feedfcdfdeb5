/** RESET (Yubico): empties the PIV application. The card does it only when PIN and PUK are both blocked. */
import { concatBytes } from '../../core/bytes.ts';
import { done, type Result } from '../../core/result.ts';
import type { Command } from './apdu.ts';
import { INS, KEY_REFERENCE } from './identifiers.ts';
import { cardError, type CardSession } from './session.ts';
import { attemptsLeft, SW } from './status-word.ts';

/** Can never be a PIN or PUK, because it is padding alone (yubikit/piv.py, PivSession.reset, blocks with the same). */
const NEVER_RIGHT = new Uint8Array(8).fill(0xff);
/** The most attempts that SET PIN RETRIES can give. */
const MAX_ATTEMPTS = 255;

/**
 * Resets PIV to the factory state: keys, certificates and objects are gone, and PIN and PUK are the factory ones; only f9
 * stays. Blocks PIN and PUK first, and goes on where that was cut off. Whoever calls it has asked the person.
 */
export async function resetPiv(session: CardSession): Promise<Result<void>> {
  const pin = await block(session, 'VERIFY', NEVER_RIGHT);
  if (!pin.ok) return pin;
  const puk = await block(session, 'RESET_RETRY_COUNTER', concatBytes(NEVER_RIGHT, NEVER_RIGHT));
  if (!puk.ok) return puk;
  const answer = await session.ask('RESET', {});
  return answer.ok ? done : answer;
}

/** Enters what is never right until nothing is left. The answer counts no further than 15, so it is asked again and again. */
async function block(session: CardSession, instruction: 'VERIFY' | 'RESET_RETRY_COUNTER', data: Uint8Array): Promise<Result<void>> {
  const command: Command = { ins: INS[instruction], p2: KEY_REFERENCE.PIN, data };
  for (let attempt = 0; attempt <= MAX_ATTEMPTS; attempt++) {
    const answer = await session.send(command);
    if (!answer.ok) return answer;
    const left = attemptsLeft(answer.value.statusWord);
    if (left === 0) return done;
    if (left === undefined) return cardError(instruction, answer.value.statusWord);
  }
  return cardError(instruction, SW.VERIFY_FAILED);
}
