import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_REFERENCE } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { checkReferenceData, REFERENCE_DATA_LENGTH, refusalOfNewValue, storeNewValue } from './reference-data.ts';

/** CHANGE REFERENCE DATA (73-4 part 2, 3.2.2): the PIN (80) or the PUK (81), current value and new value. */
export function changeReferenceData(card: Card, command: ReceivedCommand): Response {
  if (command.p1 !== 0x00) return refuse(SW.INCORRECT_P1_P2);
  const stored = command.p2 === KEY_REFERENCE.PIN ? card.state.pin : command.p2 === KEY_REFERENCE.PUK ? card.state.puk : undefined;
  if (!stored) return refuse(SW.REFERENCE_NOT_FOUND);
  if (command.data.length !== 2 * REFERENCE_DATA_LENGTH) return refuse(SW.INCORRECT_DATA);
  const [current, next] = [command.data.subarray(0, REFERENCE_DATA_LENGTH), command.data.subarray(REFERENCE_DATA_LENGTH)];
  const statusWord = checkReferenceData(stored, current);
  if (statusWord !== SW.OK) {
    if (command.p2 === KEY_REFERENCE.PIN) Object.assign(card.session, { isPinVerified: false, isPinFresh: false });
    return refuse(statusWord);
  }
  const refusal = refusalOfNewValue(card.firmware, next);
  if (refusal !== undefined) return refuse(refusal);
  storeNewValue(stored, next);
  return answer();
}
