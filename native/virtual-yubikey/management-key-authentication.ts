import { createCipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { fromHex } from '../../core/bytes.ts';
import type { ManagementKeyAlgorithm } from '../../core/security-key.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { MANAGEMENT_KEY_ALGORITHM } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import type { Tlv } from '../piv/tlv.ts';
import { encodeTlv } from '../piv/tlv.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { AUTHENTICATION_TAG } from './dynamic-authentication.ts';

/** ECB over one block; node:crypto's names. */
const CIPHERS: Readonly<Record<ManagementKeyAlgorithm, string>> = { '3DES': 'des-ede3', 'AES-128': 'aes-128-ecb', 'AES-192': 'aes-192-ecb', 'AES-256': 'aes-256-ecb' };

/**
 * GENERAL AUTHENTICATE with key reference 9B (73-4 part 2, A.1): the card's challenge (81, then 82), or mutually by a
 * witness (80, then 80 and 81). A wrong answer ends what an earlier right one had opened.
 */
export async function authenticateManagementKey(card: Card, command: ReceivedCommand, template: readonly Tlv[]): Promise<Response> {
  const { algorithm } = card.state.managementKey;
  // 78-4, table 6-2: 00 is another name of 3DES.
  if ((command.p1 || MANAGEMENT_KEY_ALGORITHM['3DES'].id) !== MANAGEMENT_KEY_ALGORITHM[algorithm].id) return refuse(SW.INCORRECT_DATA);
  const pending = card.session.pendingAuthentication;
  Object.assign(card.session, { pendingAuthentication: undefined, isManagementAuthenticated: false });
  const valueOf = (tag: number): Uint8Array | undefined => template.find((object) => object.tag === tag)?.value;
  const [witness, challenge, response] = [valueOf(AUTHENTICATION_TAG.WITNESS), valueOf(AUTHENTICATION_TAG.CHALLENGE), valueOf(AUTHENTICATION_TAG.RESPONSE)];
  if (witness?.length === 0 && challenge === undefined) return sendWitness(card);
  if (challenge?.length === 0 && witness === undefined) return sendChallenge(card);
  if (witness !== undefined && challenge !== undefined) return completeMutually(card, pending, witness, challenge);
  if (response !== undefined && pending?.kind === 'challenge') {
    return (await isAccepted(card, pending.expected, response)) ? answer() : refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  }
  return refuse(SW.INCORRECT_DATA);
}

function sendWitness(card: Card): Response {
  const witness = randomBytes(MANAGEMENT_KEY_ALGORITHM[card.state.managementKey.algorithm].blockLength);
  card.session.pendingAuthentication = { kind: 'witness', expected: witness };
  return answer(encodeTlv(AUTHENTICATION_TAG.TEMPLATE, encodeTlv(AUTHENTICATION_TAG.WITNESS, encryptBlock(card, witness))));
}

function sendChallenge(card: Card): Response {
  const challenge = randomBytes(MANAGEMENT_KEY_ALGORITHM[card.state.managementKey.algorithm].blockLength);
  card.session.pendingAuthentication = { kind: 'challenge', expected: encryptBlock(card, challenge) };
  return answer(encodeTlv(AUTHENTICATION_TAG.TEMPLATE, encodeTlv(AUTHENTICATION_TAG.CHALLENGE, challenge)));
}

async function completeMutually(card: Card, pending: Card['session']['pendingAuthentication'], witness: Uint8Array, challenge: Uint8Array): Promise<Response> {
  if (pending?.kind !== 'witness') return refuse(SW.INCORRECT_DATA);
  if (challenge.length !== pending.expected.length) return refuse(SW.INCORRECT_DATA);
  if (!(await isAccepted(card, pending.expected, witness))) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  return answer(encodeTlv(AUTHENTICATION_TAG.TEMPLATE, encodeTlv(AUTHENTICATION_TAG.RESPONSE, encryptBlock(card, challenge))));
}

async function isAccepted(card: Card, expected: Uint8Array, actual: Uint8Array): Promise<boolean> {
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return false;
  if ((await card.touch.satisfy(card.state.managementKey.touchPolicy)) !== 'touched') return false;
  card.session.isManagementAuthenticated = true;
  return true;
}

function encryptBlock(card: Card, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHERS[card.state.managementKey.algorithm], fromHex(card.state.managementKey.value), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}
