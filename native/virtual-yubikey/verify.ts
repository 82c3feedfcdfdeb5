import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_REFERENCE } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { attemptsStatus, checkReferenceData, REFERENCE_DATA_LENGTH } from './reference-data.ts';

/** VERIFY (73-4 part 2, 3.2.1): with the PIN, without data to ask for the state, with P1 FF to forget it. */
export function verify(card: Card, command: ReceivedCommand): Response {
  const { session, state } = card;
  if (command.p2 !== KEY_REFERENCE.PIN) return refuse(SW.REFERENCE_NOT_FOUND);
  if (command.p1 === 0xff && command.data.length === 0) {
    Object.assign(session, { isPinVerified: false, isPinFresh: false });
    return answer();
  }
  if (command.p1 !== 0x00) return refuse(SW.INCORRECT_P1_P2);
  if (command.data.length === 0) {
    if (session.isPinVerified) return answer();
    return refuse(state.pin.attemptsLeft === 0 ? SW.AUTHENTICATION_BLOCKED : attemptsStatus(state.pin));
  }
  if (command.data.length !== REFERENCE_DATA_LENGTH) return refuse(SW.INCORRECT_DATA);
  const statusWord = checkReferenceData(state.pin, command.data);
  session.isPinVerified = session.isPinFresh = statusWord === SW.OK;
  return refuse(statusWord);
}
