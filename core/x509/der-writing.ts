/** Writing DER (X.690): the pieces that CRLs and OCSP answers are put together from. */
import { concatBytes } from '../bytes.ts';
import { contextTag, TAG } from './der-reading.ts';

/** An element of definite length. */
export function derElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = contents.reduce((total, part) => total + part.length, 0);
  const length: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = size < 0x80 ? [tag, size] : [tag, 0x80 | length.length, ...length];
  return concatBytes(new Uint8Array(head), ...contents);
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return derElement(contextTag(number), ...contents);
}

/** A positive INTEGER out of big-endian bytes. */
export function derInteger(unsigned: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = unsigned.findIndex((byte) => byte !== 0);
  const significant = start === -1 ? new Uint8Array(1) : unsigned.subarray(start);
  // INTEGER is signed: a first bit of 1 needs a zero byte before it.
  return (significant[0] as number) >= 0x80 ? derElement(TAG.integer, new Uint8Array(1), significant) : derElement(TAG.integer, significant);
}

/** A non-negative whole number as INTEGER. */
export function derNumber(value: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return derInteger(new Uint8Array(bytes));
}

/** OBJECT IDENTIFIER (X.690, section 8.19). */
export function objectIdentifier(dotted: string): Uint8Array<ArrayBuffer> {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((part) => {
    const groups = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80);
    return groups;
  });
  return derElement(TAG.objectIdentifier, new Uint8Array(bytes));
}

/** An extension of a CRL, an entry or an OCSP message (RFC 5280, section 4.1): `value` is DER. */
export function derExtension(oid: string, isCritical: boolean, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const critical = isCritical ? [derElement(TAG.boolean, new Uint8Array([0xff]))] : [];
  return derElement(TAG.sequence, objectIdentifier(oid), ...critical, derElement(TAG.octetString, value));
}

function digits(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z').replace(/[-T:]/g, '');
}

/** GeneralizedTime in whole seconds, as OCSP wants every time (RFC 6960, section 4.2.2.1). */
export function generalizedTime(date: Date): Uint8Array<ArrayBuffer> {
  return derElement(TAG.generalizedTime, new TextEncoder().encode(digits(date)));
}

/** UTCTime through 2049, GeneralizedTime after (RFC 5280, section 5.1.2.4). */
export function derTime(date: Date): Uint8Array<ArrayBuffer> {
  const year = date.getUTCFullYear();
  return year < 1950 || year > 2049 ? generalizedTime(date) : derElement(TAG.utcTime, new TextEncoder().encode(digits(date).slice(2)));
}
