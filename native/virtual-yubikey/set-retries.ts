import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { factorySecrets } from './state.ts';

/** SET PIN RETRIES (Yubico, INS FA): P1 for the PIN, P2 for the PUK. Wants management key and PIN, and makes both factory values again. */
export function setRetries(card: Card, command: ReceivedCommand): Response {
  const { session, state } = card;
  if (!session.isManagementAuthenticated || !session.isPinVerified) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  if (command.p1 === 0 || command.p2 === 0) return refuse(SW.INCORRECT_P1_P2);
  const { pin, puk } = factorySecrets(card.firmware);
  state.pin = { ...pin, attemptsLeft: command.p1, attemptsTotal: command.p1 };
  state.puk = { ...puk, attemptsLeft: command.p2, attemptsTotal: command.p2 };
  Object.assign(session, { isPinVerified: false, isPinFresh: false });
  return answer();
}
