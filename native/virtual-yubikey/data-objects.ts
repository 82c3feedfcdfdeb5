import { decodeTlvs } from '../piv/tlv.ts';
import { OBJECT } from '../piv/identifiers.ts';

/** Largest value of a data object (Yubico: a certificate of less than 3052 bytes). */
export const MAX_OBJECT_LENGTH = 3052;
/** Room for all objects together (Yubico: about 51 KB of memory). */
export const MEMORY_LENGTH = 51_200;

/** Objects that want the PIN for reading (73-4 part 1, table 2): Printed Information, fingerprints, face, iris. */
const PIN_PROTECTED: readonly number[] = [OBJECT.PRINTED, 0x5fc103, 0x5fc108, 0x5fc121];

export function isPinProtected(tag: number): boolean {
  return PIN_PROTECTED.includes(tag);
}

/** Whether an object of this tag can be written: PIV's and Yubico's, 5F0000 to 5FFFFF. The discovery object is fixed. */
export function isWritable(tag: number): boolean {
  return tag >= 0x5f0000 && tag <= 0x5fffff;
}

/** The tag in a tag list (5C); undefined unless `data` begins with exactly one of one to three bytes. */
export function readTag(data: Uint8Array): number | undefined {
  const list = decodeTlvs(data)?.[0];
  if (list?.tag !== 0x5c || list.value.length < 1 || list.value.length > 3) return undefined;
  return list.value.reduce((tag, byte) => (tag << 8) | byte, 0);
}
