/** GET METADATA (Yubico, firmware 5.3 and later) and GET SERIAL (firmware 5). They need no PIN and cost no attempt. */
import { failed, success, type Result } from '../../core/result.ts';
import { isAtLeast, type KeyPairFacts, type ManagementKeyAlgorithm, type ReferenceDataFacts, type TouchPolicy } from '../../core/security-key.ts';
import { INS, KEY_ALGORITHM, KEY_REFERENCE, MANAGEMENT_KEY_ALGORITHM, METADATA_TAG, PIN_POLICY, TOUCH_POLICY } from './identifiers.ts';
import { publicKeyFromPiv } from './public-keys.ts';
import { cardError, type PivSession } from './session.ts';
import { SW } from './status-word.ts';
import { decodeTlvs } from './tlv.ts';

/** Whether the firmware has GET METADATA at all. */
export function hasMetadata(session: PivSession): boolean {
  return isAtLeast(session.firmware, 5, 3);
}

/** Whether the firmware tells the serial number over PIV. */
export function hasSerial(session: PivSession): boolean {
  return isAtLeast(session.firmware, 5);
}

/** The serial number; null where the firmware does not tell it over PIV. */
export async function readSerial(session: PivSession): Promise<Result<number | null>> {
  if (!hasSerial(session)) return success(null);
  const answer = await session.send({ ins: INS.GET_SERIAL });
  if (!answer.ok) return answer;
  const { data, statusWord } = answer.value;
  if (statusWord !== SW.OK || data.length !== 4) return success(null);
  return success(new DataView(data.buffer, data.byteOffset, 4).getUint32(0));
}

/** What firmware before 5.3 tells of PIN and PUK. */
export const UNKNOWN_REFERENCE: ReferenceDataFacts = { isFactory: null, attemptsLeft: null, attemptsTotal: null };

/** PIN (80) or PUK (81), from 5.3 on. */
export async function readReferenceMetadata(session: PivSession, which: 'PIN' | 'PUK'): Promise<Result<ReferenceDataFacts>> {
  const fields = await readMetadata(session, KEY_REFERENCE[which]);
  if (!fields.ok) return fields;
  const [total, left] = fields.value?.get(METADATA_TAG.ATTEMPTS) ?? [];
  return success({ isFactory: isFactory(fields.value), attemptsLeft: left ?? null, attemptsTotal: total ?? null });
}

export interface ManagementKeyMetadata {
  readonly algorithm: ManagementKeyAlgorithm;
  /** null: the firmware (before 5.3) does not tell. */
  readonly isFactory: boolean | null;
  readonly touchPolicy: TouchPolicy | null;
}

/** The management key (9b). Before 5.3 it is always 3DES (Yubico: AES came with 5.4). */
export async function readManagementKeyMetadata(session: PivSession): Promise<Result<ManagementKeyMetadata>> {
  if (!hasMetadata(session)) return success({ algorithm: '3DES', isFactory: null, touchPolicy: null });
  const fields = await readMetadata(session, KEY_REFERENCE.MANAGEMENT);
  if (!fields.ok) return fields;
  const id = fields.value?.get(METADATA_TAG.ALGORITHM)?.[0];
  const algorithm = MANAGEMENT_KEY_ALGORITHMS.find((name) => MANAGEMENT_KEY_ALGORITHM[name].id === id) ?? '3DES';
  const touch = fields.value?.get(METADATA_TAG.POLICY)?.[1];
  return success({ algorithm, isFactory: isFactory(fields.value), touchPolicy: nameOf(TOUCH_POLICY, touch) });
}

const MANAGEMENT_KEY_ALGORITHMS = Object.keys(MANAGEMENT_KEY_ALGORITHM) as ManagementKeyAlgorithm[];

/** The key pair in a slot; null where it is empty. From 5.3 on. */
export async function readSlotMetadata(session: PivSession, slot: number): Promise<Result<KeyPairFacts | null>> {
  const fields = await readMetadata(session, slot);
  if (!fields.ok) return fields;
  if (!fields.value) return success(null);
  const keyType = nameOf(KEY_ALGORITHM, fields.value.get(METADATA_TAG.ALGORITHM)?.[0]);
  const encoded = fields.value.get(METADATA_TAG.PUBLIC_KEY);
  const publicKey = keyType && encoded && publicKeyFromPiv(keyType, encoded);
  if (!publicKey) return failed({ kind: 'security-key-unresponsive', detail: `metadata of slot ${slot.toString(16)} cannot be read` });
  const [pinPolicy, touchPolicy] = fields.value.get(METADATA_TAG.POLICY) ?? [];
  return success({
    keyType,
    origin: ORIGIN[fields.value.get(METADATA_TAG.ORIGIN)?.[0] ?? 0] ?? null,
    pinPolicy: nameOf(PIN_POLICY, pinPolicy),
    touchPolicy: nameOf(TOUCH_POLICY, touchPolicy),
    publicKey,
  });
}

/** Values of tag 03 (Yubico). */
const ORIGIN = [null, 'generated', 'imported'] as const;

/** The key of `table` that has `value`. */
export function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number | undefined): Name | null {
  const names = Object.keys(table) as Name[];
  return names.find((name) => table[name] === value) ?? null;
}

function isFactory(fields: ReadonlyMap<number, Uint8Array> | null): boolean | null {
  const value = fields?.get(METADATA_TAG.IS_FACTORY)?.[0];
  return value === undefined ? null : value !== 0;
}

/** Fields by tag; null where there is nothing under this key reference. */
async function readMetadata(session: PivSession, reference: number): Promise<Result<ReadonlyMap<number, Uint8Array> | null>> {
  const answer = await session.send({ ins: INS.GET_METADATA, p2: reference });
  if (!answer.ok) return answer;
  const { data, statusWord } = answer.value;
  if (statusWord === SW.REFERENCE_NOT_FOUND || statusWord === SW.NOT_FOUND) return success(null);
  if (statusWord !== SW.OK) return cardError('GET_METADATA', statusWord);
  const fields = decodeTlvs(data);
  if (!fields) return failed({ kind: 'security-key-unresponsive', detail: 'malformed metadata' });
  return success(new Map(fields.map((field) => [field.tag, field.value])));
}
