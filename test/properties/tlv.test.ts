// Plain assertions: over a million cases vitest's own would take most of the time.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type Arbitrary, array, letrec, nat, oneof, property, record, uint8Array } from 'fast-check';
import { test } from 'vitest';
import { concatBytes } from '../../core/bytes.ts';
import { type Tlv, decodeTlvs, encodeTlv, findTlv } from '../../native/piv/tlv.ts';
import { changedOrAny } from './changed-bytes.ts';
import { check } from './property-runs.ts';

/** Tags of one to three bytes as BER has them (ISO 7816-4, 5.2.2.1). */
const tag: Arbitrary<number> = oneof(
  nat(0xff).filter((byte) => (byte & 0x1f) !== 0x1f),
  record({ first: nat(7), last: nat(0x7f) }).map(({ first, last }) => (((first << 5) | 0x1f) << 8) | last),
  record({ first: nat(7), middle: nat(0x7f), last: nat(0x7f) }).map(({ first, middle, last }) => (((first << 5) | 0x1f) << 16) | ((0x80 | middle) << 8) | last),
);

const encode = (objects: readonly Tlv[]): Uint8Array => concatBytes(...objects.map(({ tag, value }) => encodeTlv(tag, value)));

/** Objects whose values are objects again, some of them long. */
const { objects } = letrec<{ objects: readonly Tlv[]; value: Uint8Array }>((tie) => ({
  objects: array(record({ tag, value: tie('value') }, { noNullPrototype: true }), { maxLength: 3 }),
  value: oneof({ maxDepth: 3, withCrossShrink: true }, uint8Array({ maxLength: 20 }), tie('objects').map(encode), nat(70_000).map((length) => new Uint8Array(length % 600))),
}));

const REAL: readonly Uint8Array[] = [
  encode([{ tag: 0x53, value: encode([{ tag: 0x70, value: new Uint8Array(300) }, { tag: 0x71, value: Uint8Array.of(0) }, { tag: 0xfe, value: new Uint8Array() }]) }]),
  encode([{ tag: 0x7f49, value: encode([{ tag: 0x86, value: new Uint8Array(65) }]) }]),
  encode([{ tag: 0x5fc105, value: new Uint8Array(130) }]),
  // A tag of four bytes, which nothing here has.
  Uint8Array.of(0x1f, 0x81, 0x82, 0x83, 0x04, 0x01, 0x00),
];

test('any bytes are objects or none: never a throw, and what was read reads the same again', () =>
  check(
    'TLV: any bytes',
    property(changedOrAny(REAL, 40), (bytes) => {
      const read = decodeTlvs(bytes);
      if (read === undefined) {
        strictEqual(findTlv(bytes, 0x70), undefined);
        return;
      }
      ok(read.reduce((sum, { value }) => sum + value.length, 0) <= bytes.length);
      deepStrictEqual(decodeTlvs(encode(read)), read);
      for (const { tag } of read) deepStrictEqual(findTlv(bytes, tag), read.find((object) => object.tag === tag)?.value);
    }),
  ));

test('objects are read as they were written; cut off anywhere they are fewer, or none', () =>
  check(
    'TLV: there and back',
    property(objects, nat(0xffff), (written, place) => {
      const bytes = encode(written);
      deepStrictEqual(decodeTlvs(bytes), written);
      if (written.length === 0) return;
      ok((decodeTlvs(bytes.subarray(0, place % bytes.length))?.length ?? 0) < written.length);
    }),
  ));
