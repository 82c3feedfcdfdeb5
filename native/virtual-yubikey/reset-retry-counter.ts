import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_REFERENCE } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { checkReferenceData, REFERENCE_DATA_LENGTH, refusalOfNewValue, storeNewValue } from './reference-data.ts';

/** RESET RETRY COUNTER (73-4 part 2, 3.2.3): the PUK and a new PIN, which is unblocked. */
export function resetRetryCounter(card: Card, command: ReceivedCommand): Response {
  if (command.p1 !== 0x00) return refuse(SW.INCORRECT_P1_P2);
  if (command.p2 !== KEY_REFERENCE.PIN) return refuse(SW.REFERENCE_NOT_FOUND);
  if (command.data.length !== 2 * REFERENCE_DATA_LENGTH) return refuse(SW.INCORRECT_DATA);
  const [puk, pin] = [command.data.subarray(0, REFERENCE_DATA_LENGTH), command.data.subarray(REFERENCE_DATA_LENGTH)];
  const statusWord = checkReferenceData(card.state.puk, puk);
  if (statusWord !== SW.OK) return refuse(statusWord);
  const refusal = refusalOfNewValue(card.firmware, pin);
  if (refusal !== undefined) return refuse(refusal);
  storeNewValue(card.state.pin, pin);
  return answer();
}
