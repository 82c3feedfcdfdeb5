/** RESET (Yubico): empties the PIV application. The card does it only when PIN and PUK are both blocked. */
import { done, type Result } from '../../core/result.ts';
import { INS } from './identifiers.ts';
import { cardError, type CardSession } from './session.ts';
import { SW } from './status-word.ts';

/**
 * Resets PIV to the factory state: keys, certificates and objects are gone, and the PIN is the factory one. Never blocks
 * PIN or PUK by itself: whoever wants that does it before, knowingly. Fails with card-error 6985 while one of them is
 * not blocked.
 */
export async function resetPiv(session: CardSession): Promise<Result<void>> {
  const answer = await session.send({ ins: INS.RESET });
  if (!answer.ok) return answer;
  return answer.value.statusWord === SW.OK ? done : cardError('RESET', answer.value.statusWord);
}
