import { concatBytes } from '../../core/bytes.ts';

/** One BER-TLV data object (ISO 7816-4, section 5.2.2) with a tag of one to three bytes. */
export interface Tlv {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** Encodes a length in the shortest form, up to 65535. */
function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff];
  throw new RangeError(`A TLV of ${length} bytes does not fit`);
}

/** Encodes `tag` and the concatenated `values`. */
export function encodeTlv(tag: number, ...values: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const value = concatBytes(...values);
  const tagBytes = tag > 0xffff ? [tag >> 16, (tag >> 8) & 0xff, tag & 0xff] : tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
  return concatBytes(Uint8Array.from([...tagBytes, ...encodeLength(value.length)]), value);
}

/**
 * Reads a sequence of data objects; undefined for anything cut short or malformed, so that a caller cannot forget the
 * case. Values are views into `bytes`.
 */
export function decodeTlvs(bytes: Uint8Array): readonly Tlv[] | undefined {
  const objects: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const next = decodeOne(bytes, offset);
    if (!next) return undefined;
    objects.push(next.tlv);
    offset = next.end;
  }
  return objects;
}

/** The value of the first object with `tag`; undefined where there is none or `bytes` is malformed. */
export function findTlv(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  return decodeTlvs(bytes)?.find((object) => object.tag === tag)?.value;
}

function decodeOne(bytes: Uint8Array, start: number): { readonly tlv: Tlv; readonly end: number } | undefined {
  let offset = start;
  let tag = bytes[offset++] ?? 0;
  if ((tag & 0x1f) === 0x1f) {
    let byte: number | undefined;
    do {
      byte = bytes[offset++];
      if (byte === undefined || tag > 0xffff) return undefined;
      tag = (tag << 8) | byte;
    } while (byte & 0x80);
  }
  const first = bytes[offset++];
  if (first === undefined || first === 0x80 || first > 0x83) return undefined;
  let length = first;
  if (first > 0x80) {
    length = 0;
    for (let count = first & 0x0f; count > 0; count--) {
      const byte = bytes[offset++];
      if (byte === undefined) return undefined;
      length = (length << 8) | byte;
    }
  }
  if (offset + length > bytes.length) return undefined;
  return { tlv: { tag, value: bytes.subarray(offset, offset + length) }, end: offset + length };
}
