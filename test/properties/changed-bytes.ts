/** Bytes that are almost right, which reach further into a parser than noise does. */
import { type Arbitrary, array, constantFrom, nat, oneof, record, tuple, uint8Array } from 'fast-check';
import { concatBytes } from '../../core/bytes.ts';

/** One change. Places are parts of the length, of 0xffff, so that a change fits any bytes. */
interface Change {
  readonly kind: 'flip' | 'set' | 'insert' | 'remove' | 'cut' | 'repeat' | 'swap';
  readonly place: number;
  readonly otherPlace: number;
  readonly bytes: Uint8Array;
}

/** What parsers stumble over: nothing, everything, signs, long forms of lengths, tags of several bytes. */
const NASTY: readonly number[] = [0x00, 0x01, 0x1f, 0x30, 0x3f, 0x5f, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x9f, 0xbf, 0xfe, 0xff];

const change: Arbitrary<Change> = record({
  kind: constantFrom<Change['kind'][]>('flip', 'set', 'set', 'insert', 'remove', 'cut', 'repeat', 'swap'),
  place: nat(0xffff),
  otherPlace: nat(0xffff),
  bytes: oneof(
    constantFrom(...NASTY).map((byte) => Uint8Array.of(byte)),
    uint8Array({ minLength: 1, maxLength: 4 }),
  ),
});

/** Up to `maxChanges` changes that fit any bytes. */
export function changes(maxChanges = 4): Arbitrary<(bytes: Uint8Array) => Uint8Array> {
  return array(change, { maxLength: maxChanges }).map((list) => (bytes) => list.reduce(apply, bytes));
}

/** One of `bases`, changed in up to `maxChanges` places; sometimes in none. */
export function changedBytes(bases: readonly Uint8Array[], maxChanges = 4): Arbitrary<Uint8Array> {
  return tuple(constantFrom(...bases), changes(maxChanges)).map(([base, change]) => change(base));
}

/** {@link changedBytes}, or any bytes at all. */
export function changedOrAny(bases: readonly Uint8Array[], maxLength = 80): Arbitrary<Uint8Array> {
  return oneof({ weight: 4, arbitrary: changedBytes(bases) }, { weight: 1, arbitrary: uint8Array({ maxLength }) });
}

function apply(bytes: Uint8Array, { kind, place, otherPlace, bytes: given }: Change): Uint8Array {
  const at = Math.floor((place / 0x10000) * (bytes.length + 1));
  const other = Math.floor((otherPlace / 0x10000) * (bytes.length + 1));
  const [start, end] = [Math.min(at, other), Math.max(at, other)];
  switch (kind) {
    case 'flip':
      return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << (otherPlace & 7)));
    case 'set':
      return withByte(bytes, at, given[0] ?? 0);
    case 'insert':
      return concatBytes(bytes.subarray(0, at), given, bytes.subarray(at));
    case 'remove':
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + given.length));
    case 'cut':
      return bytes.subarray(0, at);
    case 'repeat':
      return concatBytes(bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end));
    case 'swap':
      return withByte(withByte(bytes, at, bytes[other] ?? 0), other, bytes[at] ?? 0);
  }
}

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  if (at >= bytes.length) return bytes;
  const changed = bytes.slice();
  changed[at] = byte;
  return changed;
}
