import { concatBytes } from '../../core/bytes.ts';

/** A command APDU before it is encoded (ISO 7816-4, section 5.1). */
export interface Command {
  /** 0x00 unless told. */
  readonly cla?: number;
  readonly ins: number;
  readonly p1?: number;
  readonly p2?: number;
  readonly data?: Uint8Array;
  /** Largest answer wanted; absent: as much as a short APDU can carry. */
  readonly le?: number;
}

/** A response APDU, or the whole of a chained one. */
export interface Response {
  readonly data: Uint8Array;
  readonly statusWord: number;
}

/** Class byte bit "more commands of this chain follow" (ISO 7816-4, section 5.1.1.1). */
export const CLA_CHAINING = 0x10;
/** Most data bytes in one short command APDU. */
export const MAX_SHORT_DATA = 255;

/** One short command APDU. `command.data` is at most 255 bytes. */
export function encodeShortApdu(command: Command): Uint8Array<ArrayBuffer> {
  const data = command.data ?? new Uint8Array();
  if (data.length > MAX_SHORT_DATA) throw new RangeError(`${data.length} bytes do not fit a short APDU`);
  const header = Uint8Array.of(command.cla ?? 0, command.ins, command.p1 ?? 0, command.p2 ?? 0);
  const lc = data.length > 0 ? Uint8Array.of(data.length) : new Uint8Array();
  return concatBytes(header, lc, data, Uint8Array.of((command.le ?? 0) & 0xff));
}

/** The short APDUs that carry `command`, chained where its data is longer than 255 bytes. */
export function encodeChain(command: Command): readonly Uint8Array[] {
  const data = command.data ?? new Uint8Array();
  const apdus: Uint8Array[] = [];
  let offset = 0;
  for (; data.length - offset > MAX_SHORT_DATA; offset += MAX_SHORT_DATA) {
    const part = data.subarray(offset, offset + MAX_SHORT_DATA);
    apdus.push(encodeShortApdu({ ...command, cla: (command.cla ?? 0) | CLA_CHAINING, data: part }));
  }
  apdus.push(encodeShortApdu({ ...command, data: data.subarray(offset) }));
  return apdus;
}

/** Splits a response APDU; undefined where even the status word is missing. */
export function decodeResponse(bytes: Uint8Array): Response | undefined {
  const end = bytes.length - 2;
  const [sw1, sw2] = [bytes[end], bytes[end + 1]];
  if (sw1 === undefined || sw2 === undefined) return undefined;
  return { data: bytes.subarray(0, end), statusWord: (sw1 << 8) | sw2 };
}

/** A command APDU as a card reads it. */
export interface ReceivedCommand {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** Bytes wanted; 0 where no Le was sent. */
  readonly le: number;
  readonly isExtended: boolean;
}

/** Reads a short or extended command APDU (ISO 7816-4, section 5.1); undefined where its lengths do not add up. */
export function decodeCommand(apdu: Uint8Array): ReceivedCommand | undefined {
  const [cla, ins, p1, p2, first] = apdu;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) return undefined;
  const base = { cla, ins, p1, p2 };
  const none = new Uint8Array();
  if (first === undefined) return { ...base, data: none, le: 0, isExtended: false };
  if (apdu.length === 5) return { ...base, data: none, le: first || 256, isExtended: false };
  if (first !== 0) return decodeBody(base, apdu, 5, first, false);
  if (apdu.length < 7) return undefined;
  const length = word(apdu, 5);
  if (apdu.length === 7) return { ...base, data: none, le: length || 65536, isExtended: true };
  return decodeBody(base, apdu, 7, length, true);
}

function decodeBody(
  base: Pick<ReceivedCommand, 'cla' | 'ins' | 'p1' | 'p2'>,
  apdu: Uint8Array,
  start: number,
  length: number,
  isExtended: boolean,
): ReceivedCommand | undefined {
  const data = apdu.subarray(start, start + length);
  const rest = apdu.length - start - length;
  if (rest === 0) return { ...base, data, le: 0, isExtended };
  if (rest === 1 && !isExtended) return { ...base, data, le: apdu[start + length] || 256, isExtended };
  if (rest === 2 && isExtended) return { ...base, data, le: word(apdu, start + length) || 65536, isExtended };
  return undefined;
}

function word(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
