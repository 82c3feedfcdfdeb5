import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import { encodeTlv, findTlv } from '../piv/tlv.ts';
import { isInApprovedMode } from './approved-mode.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { encodePublicKey, generatePrivateKey, privateKeyOf } from './key-pair.ts';
import { isKeySlot, keyTypeOf, readPolicies } from './policies.ts';
import { writeKey } from './state.ts';

/** GENERATE ASYMMETRIC KEY PAIR (73-4 part 2, 3.3.2), with Yubico's policies AA and AB. The old key of the slot is gone. */
export async function generateKey(card: Card, command: ReceivedCommand): Promise<Response> {
  if (command.p1 !== 0x00 || !isKeySlot(command.p2)) return refuse(SW.INCORRECT_P1_P2);
  if (!card.session.isManagementAuthenticated) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  const parameters = findTlv(command.data, 0xac);
  const algorithm = parameters && findTlv(parameters, 0x80);
  const keyType = algorithm?.length === 1 ? keyTypeOf(card, algorithm[0]) : undefined;
  const policies = parameters && readPolicies(card, command.p2, parameters);
  if (!keyType || !policies) return refuse(SW.INCORRECT_DATA);
  // A guess: Yubico says that it is refused, not with which word.
  if (!isInApprovedMode(card)) return refuse(SW.CONDITIONS_NOT_SATISFIED);
  const { pulls } = card;
  const privateKey = await generatePrivateKey(keyType);
  if (card.pulls !== pulls) return refuse(SW.UNKNOWN);
  writeKey(card.state, command.p2, { keyType, origin: 'generated', ...policies, privateKey });
  return answer(encodeTlv(0x7f49, encodePublicKey(privateKeyOf(privateKey))));
}
