/** The outermost layer of DER (X.690, sections 8.1 and 10.1). What is inside is the parser's business. */
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { concatBytes } from '../bytes.ts';

const SEQUENCE_TAG = 0x30;
const BIT_STRING_TAG = 0x03;
const OCTET_STRING_TAG = 0x04;

/** Whether the bytes are exactly one SEQUENCE of definite length: nothing missing, nothing behind its end. */
export function isOneSequence(bytes: Uint8Array): boolean {
  const first = bytes[1];
  if (bytes[0] !== SEQUENCE_TAG || first === undefined) return false;
  if (first < 0x80) return bytes.length === 2 + first;
  const lengthBytes = first & 0x7f;
  // 0x80 alone is BER's indefinite length; more than four bytes is more than any message here.
  if (lengthBytes === 0 || lengthBytes > 4 || bytes.length < 2 + lengthBytes) return false;
  const length = bytes.subarray(2, 2 + lengthBytes).reduce((value, byte) => value * 256 + byte, 0);
  return bytes.length === 2 + lengthBytes + length;
}

/** Takes off one OCTET STRING around a SEQUENCE where there is one: tools disagree about wrapping extension values. */
export function withoutOctetString(value: Uint8Array): Uint8Array {
  return value[0] === OCTET_STRING_TAG ? new Uint8Array(AsnConvert.parse(new Uint8Array(value), OctetString).buffer) : value;
}

function element(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  if (content.length < 0x80) return concatBytes(new Uint8Array([tag, content.length]), content);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff);
  return concatBytes(new Uint8Array([tag, 0x80 | length.length, ...length]), content);
}

/** A SEQUENCE of elements that are DER already: what was signed stays as it was signed. */
export function sequence(...elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return element(SEQUENCE_TAG, concatBytes(...elements));
}

/** A BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return element(BIT_STRING_TAG, concatBytes(new Uint8Array(1), bytes));
}

/** An OCTET STRING. */
export function octetString(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return element(OCTET_STRING_TAG, bytes);
}
