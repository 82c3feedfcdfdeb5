import { fromBase64 } from '../../core/bytes.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_ALGORITHM, KEY_REFERENCE } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import type { Tlv } from '../piv/tlv.ts';
import { decodeTlvs, encodeTlv } from '../piv/tlv.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { AUTHENTICATION_TAG } from './dynamic-authentication.ts';
import { privateKeyOf } from './key-pair.ts';
import { authenticateManagementKey } from './management-key-authentication.ts';
import { isKeySlot, refusalByPinPolicy } from './policies.ts';
import { agreeOnSecret, respondToChallenge } from './private-key-operations.ts';
import { readKey } from './state.ts';

/** GENERAL AUTHENTICATE (73-4 part 2, 3.2.4): the management key (9B), or a signature, decipherment or key agreement with a slot. */
export function generalAuthenticate(card: Card, command: ReceivedCommand): Response | Promise<Response> {
  const outer = decodeTlvs(command.data);
  const template = outer?.length === 1 && outer[0]?.tag === AUTHENTICATION_TAG.TEMPLATE ? decodeTlvs(outer[0].value) : undefined;
  if (!template) return refuse(SW.INCORRECT_DATA);
  if (command.p2 === KEY_REFERENCE.MANAGEMENT) return authenticateManagementKey(card, command, template);
  return usePrivateKey(card, command, template);
}

/** The attestation key answers INS F9 only (Yubico SDK users manual, "Authenticate: sign"). */
async function usePrivateKey(card: Card, command: ReceivedCommand, template: readonly Tlv[]): Promise<Response> {
  if (!isKeySlot(command.p2) || command.p2 === KEY_REFERENCE.ATTESTATION) return refuse(SW.INCORRECT_P1_P2);
  const stored = readKey(card.state, command.p2);
  if (!stored || KEY_ALGORITHM[stored.keyType] !== command.p1) return refuse(SW.INCORRECT_DATA);
  const valueOf = (tag: number): Uint8Array | undefined => template.find((object) => object.tag === tag)?.value;
  const [challenge, peer] = [valueOf(AUTHENTICATION_TAG.CHALLENGE), valueOf(AUTHENTICATION_TAG.EXPONENTIATION)];
  // 82, empty, asks for the answer; exactly one of challenge and peer key goes with it.
  if (valueOf(AUTHENTICATION_TAG.RESPONSE)?.length !== 0 || (challenge === undefined) === (peer === undefined)) return refuse(SW.INCORRECT_DATA);
  const refusal = refusalByPinPolicy(card, stored);
  if (refusal !== undefined) return refuse(refusal);
  if ((await card.touch.satisfy(stored.touchPolicy)) !== 'touched') return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  const key = privateKeyOf(fromBase64(stored.privateKey));
  const result = challenge ? respondToChallenge(key, stored.keyType, challenge) : peer ? agreeOnSecret(key, stored.keyType, peer) : undefined;
  if (!result) return refuse(SW.INCORRECT_DATA);
  return answer(encodeTlv(AUTHENTICATION_TAG.TEMPLATE, encodeTlv(AUTHENTICATION_TAG.RESPONSE, result)));
}
