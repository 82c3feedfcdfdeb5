import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_REFERENCE } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { isKeySlot } from './policies.ts';
import { readKey, slotName } from './state.ts';

const DELETE = 0xff;

/**
 * MOVE KEY (Yubico, INS F6, firmware 5.7): P1 is the slot to move to, or FF to delete; P2 the slot to take from. The
 * key keeps its policies, certificates stay. The slot to move to must be empty (SDK, MoveKeyCommand); f9 can be deleted, not moved.
 */
export function moveKey(card: Card, command: ReceivedCommand): Response {
  if (!card.firmware.hasMoveKey) return refuse(SW.INSTRUCTION_NOT_SUPPORTED);
  if (!card.session.isManagementAuthenticated) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  const { p1: target, p2: source } = command;
  if (!isKeySlot(source) || (target !== DELETE && !isKeySlot(target))) return refuse(SW.INCORRECT_P1_P2);
  const key = readKey(card.state, source);
  if (!key) return refuse(SW.REFERENCE_NOT_FOUND);
  if (target !== DELETE) {
    const touchesAttestation = source === KEY_REFERENCE.ATTESTATION || target === KEY_REFERENCE.ATTESTATION;
    if (touchesAttestation || readKey(card.state, target)) return refuse(SW.INCORRECT_P1_P2);
    card.state.keys[slotName(target)] = key;
  }
  delete card.state.keys[slotName(source)];
  return answer();
}
