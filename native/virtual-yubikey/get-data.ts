import { fromHex } from '../../core/bytes.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { OBJECT } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { encodeTlv } from '../piv/tlv.ts';
import { isInApprovedMode } from './approved-mode.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { isPinProtected, readTag } from './data-objects.ts';
import { readObject } from './state.ts';

/** Discovery object (73-4 part 1, 3.3.2): the PIV AID, and the PIV PIN as the only PIN. */
const DISCOVERY = fromHex('4f0ba0000003080000100001005f2f024000');

/** GET DATA (73-4 part 2, 3.1.2). */
export function getData(card: Card, command: ReceivedCommand): Response {
  if (command.p1 !== 0x3f || command.p2 !== 0xff) return refuse(SW.INCORRECT_P1_P2);
  const tag = readTag(command.data);
  if (tag === undefined) return refuse(SW.INCORRECT_DATA);
  if (tag === OBJECT.DISCOVERY) return answer(encodeTlv(OBJECT.DISCOVERY, DISCOVERY));
  if (isPinProtected(tag) && !card.session.isPinVerified) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  // ykman/_cli/piv.py asks for the approved mode before it reads such an object; the status word is a guess.
  if (isPinProtected(tag) && !isInApprovedMode(card)) return refuse(SW.CONDITIONS_NOT_SATISFIED);
  const value = readObject(card.state, tag);
  return value ? answer(encodeTlv(0x53, value)) : refuse(SW.NOT_FOUND);
}
