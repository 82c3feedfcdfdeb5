import type { KeyType } from '../../core/security-key.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import { decodeTlvs } from '../piv/tlv.ts';
import { isInApprovedMode } from './approved-mode.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { curve25519PrivateKey, ecPrivateKey, rsaBits, rsaPrivateKey } from './key-pair.ts';
import { isKeySlot, keyTypeOf, readPolicies } from './policies.ts';
import { writeKey } from './state.ts';

/** Elements of a private key in INS FE (Yubico SDK users manual, import asymmetric; 07 and 08: yubikit). */
const ELEMENT = { P: 0x01, Q: 0x02, DP: 0x03, DQ: 0x04, Q_INVERSE: 0x05, EC_SCALAR: 0x06, ED25519: 0x07, X25519: 0x08 } as const;

/** IMPORT ASYMMETRIC KEY (Yubico, INS FE): P1 algorithm, P2 slot. */
export function importKey(card: Card, command: ReceivedCommand): Response {
  if (!isKeySlot(command.p2)) return refuse(SW.INCORRECT_P1_P2);
  if (!card.session.isManagementAuthenticated) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  const keyType = keyTypeOf(card, command.p1);
  const policies = readPolicies(card, command.p2, command.data);
  const privateKey = keyType && readPrivateKey(keyType, command.data);
  if (!keyType || !policies || !privateKey) return refuse(SW.INCORRECT_DATA);
  // A guess, as in generate-key.ts.
  if (!isInApprovedMode(card)) return refuse(SW.CONDITIONS_NOT_SATISFIED);
  writeKey(card.state, command.p2, { keyType, origin: 'imported', ...policies, privateKey });
  return answer();
}

function readPrivateKey(keyType: KeyType, data: Uint8Array): Uint8Array | undefined {
  const elements = decodeTlvs(data);
  const valueOf = (tag: number): Uint8Array => elements?.find((element) => element.tag === tag)?.value ?? new Uint8Array();
  const bits = rsaBits(keyType);
  if (bits !== undefined) {
    const [p, q, dp, dq, qInverse] = [ELEMENT.P, ELEMENT.Q, ELEMENT.DP, ELEMENT.DQ, ELEMENT.Q_INVERSE].map(valueOf);
    return p && q && dp && dq && qInverse && rsaPrivateKey(bits, { p, q, dp, dq, qInverse });
  }
  if (keyType === 'ED25519') return curve25519PrivateKey(keyType, valueOf(ELEMENT.ED25519));
  if (keyType === 'X25519') return curve25519PrivateKey(keyType, valueOf(ELEMENT.X25519));
  return keyType === 'ECCP256' || keyType === 'ECCP384' ? ecPrivateKey(keyType, valueOf(ELEMENT.EC_SCALAR)) : undefined;
}
