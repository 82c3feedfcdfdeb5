import { concatBytes, equalBytes, fromBase64, fromHex } from '../../core/bytes.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { FACTORY, KEY_ALGORITHM, KEY_REFERENCE, MANAGEMENT_KEY_ALGORITHM, METADATA_TAG, PIN_POLICY, TOUCH_POLICY } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { encodeTlv } from '../piv/tlv.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { encodePublicKey, privateKeyOf } from './key-pair.ts';
import { isKeySlot } from './policies.ts';
import { padReferenceData } from './reference-data.ts';
import { readKey } from './state.ts';
import type { StoredReferenceData } from './state.ts';

const ORIGIN = { generated: 1, imported: 2 } as const;

/** GET METADATA (Yubico, INS F7, firmware 5.3): of the PIN, the PUK, the management key or a slot. Nothing is secret in it. */
export function getMetadata(card: Card, command: ReceivedCommand): Response {
  if (!card.firmware.hasMetadata) return refuse(SW.INSTRUCTION_NOT_SUPPORTED);
  if (command.p1 !== 0x00) return refuse(SW.INCORRECT_P1_P2);
  if (command.p2 === KEY_REFERENCE.PIN) return answer(referenceDataMetadata(card.state.pin, FACTORY.PIN));
  if (command.p2 === KEY_REFERENCE.PUK) return answer(referenceDataMetadata(card.state.puk, FACTORY.PUK));
  if (command.p2 === KEY_REFERENCE.MANAGEMENT) return answer(managementKeyMetadata(card));
  if (!isKeySlot(command.p2)) return refuse(SW.INCORRECT_P1_P2);
  const metadata = keyMetadata(card, command.p2);
  return metadata ? answer(metadata) : refuse(SW.REFERENCE_NOT_FOUND);
}

function referenceDataMetadata(stored: StoredReferenceData, factoryValue: string): Uint8Array {
  const isFactory = equalBytes(fromHex(stored.value), padReferenceData(factoryValue));
  return concatBytes(
    byteTlv(METADATA_TAG.ALGORITHM, 0xff),
    byteTlv(METADATA_TAG.IS_FACTORY, isFactory ? 1 : 0),
    byteTlv(METADATA_TAG.ATTEMPTS, stored.attemptsTotal, stored.attemptsLeft),
  );
}

function managementKeyMetadata({ firmware, state: { managementKey } }: Card): Uint8Array {
  const isFactory = managementKey.algorithm === firmware.factoryManagementKeyAlgorithm && equalBytes(fromHex(managementKey.value), FACTORY.MANAGEMENT_KEY);
  return concatBytes(
    byteTlv(METADATA_TAG.ALGORITHM, MANAGEMENT_KEY_ALGORITHM[managementKey.algorithm].id),
    byteTlv(METADATA_TAG.POLICY, 0, TOUCH_POLICY[managementKey.touchPolicy]),
    byteTlv(METADATA_TAG.IS_FACTORY, isFactory ? 1 : 0),
  );
}

function keyMetadata(card: Card, slot: number): Uint8Array | undefined {
  const key = readKey(card.state, slot);
  if (!key) return undefined;
  return concatBytes(
    byteTlv(METADATA_TAG.ALGORITHM, KEY_ALGORITHM[key.keyType]),
    byteTlv(METADATA_TAG.POLICY, PIN_POLICY[key.pinPolicy], TOUCH_POLICY[key.touchPolicy]),
    byteTlv(METADATA_TAG.ORIGIN, ORIGIN[key.origin]),
    encodeTlv(METADATA_TAG.PUBLIC_KEY, encodePublicKey(privateKeyOf(fromBase64(key.privateKey)))),
  );
}

function byteTlv(tag: number, ...bytes: readonly number[]): Uint8Array {
  return encodeTlv(tag, Uint8Array.from(bytes));
}
