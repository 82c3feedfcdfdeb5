// Plain assertions: over a million cases vitest's own would take most of the time.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type Arbitrary, array, asyncProperty, constantFrom, integer, nat, oneof, property, record, tuple } from 'fast-check';
import { test } from 'vitest';
import { type Command, type Response, decodeCommand, decodeResponse, encodeChain, encodeShortApdu } from '../../native/piv/apdu.ts';
import { CardSession } from '../../native/piv/session.ts';
import { ApduExchange } from '../../native/virtual-yubikey/apdu-exchange.ts';
import { changedOrAny } from './changed-bytes.ts';
import { check } from './property-runs.ts';

const GET_RESPONSE = 0xc0;
/** The virtual key takes no more in one command. */
const MAX_DATA = 3072;
const byte = nat(0xff);
/** Lengths around the borders of one and several APDUs, and any other. */
const length = oneof(constantFrom(0, 1, 254, 255, 256, 257, 509, 510, 511, 765, 3071, MAX_DATA, MAX_DATA + 1), nat(MAX_DATA + 1000));

/** Bytes that tell whether one of them was lost, doubled or moved. */
function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

/** A command that is no GET RESPONSE, which belongs to the transport; nor C1, from which the test below would make it. */
const command: Arbitrary<Command & { readonly data: Uint8Array }> = record({ ins: byte.filter((ins) => (ins & ~1) !== GET_RESPONSE), p1: byte, p2: byte, data: length.map(numbered) }, { noNullPrototype: true });

const REAL = [encodeShortApdu({ ins: 0xcb, p1: 0x3f, p2: 0xff, data: Uint8Array.of(0x5c, 3, 0x5f, 0xc1, 5) }), Uint8Array.of(0, 0xdb, 0x3f, 0xff, 0, 0, 3, 1, 2, 3, 0, 0), Uint8Array.of(0, 0xa4, 4, 0, 0)];

test('any bytes are a command or none, a response or none', () =>
  check(
    'APDUs: any bytes',
    property(changedOrAny(REAL, 300), (bytes) => {
      const read = decodeCommand(bytes);
      ok(read === undefined || read.data.length < bytes.length);
      const response = decodeResponse(bytes);
      strictEqual(response?.data.length ?? 0, Math.max(0, bytes.length - 2));
    }),
  ));

test('short commands are read as they were written', () =>
  check(
    'APDUs: there and back',
    property(byte, byte, byte, byte, nat(255), nat(256), (cla, ins, p1, p2, length, le) => {
      const data = numbered(length);
      const read = decodeCommand(encodeShortApdu({ cla, ins, p1, p2, data, le }));
      deepStrictEqual(read, { cla, ins, p1, p2, data, le: le % 256 === 0 ? 256 : le, isExtended: false });
    }),
  ));

test('chained commands arrive whole, whatever broke off before them', () =>
  check(
    'chains: commands to the card',
    asyncProperty(array(tuple(command, nat(13)), { minLength: 1, maxLength: 4 }), command, async (brokenOff, last) => {
      const arrived: Command[] = [];
      const exchange = new ApduExchange((received) => {
        arrived.push({ ins: received.ins, p1: received.p1, p2: received.p2, data: received.data });
        return Promise.resolve({ data: new Uint8Array(), statusWord: 0x9000 });
      });
      for (const [begun, parts] of brokenOff) {
        for (const apdu of encodeChain(begun).slice(0, parts)) await exchange.exchange(apdu);
        // Another instruction ends the chain: without it the next command could be its continuation.
        await exchange.exchange(encodeShortApdu({ ins: begun.ins ^ 1, data: Uint8Array.of(1) }));
      }
      arrived.length = 0;
      let statusWord = '9000';
      for (const apdu of encodeChain(last)) if (statusWord === '9000') statusWord = Buffer.from(await exchange.exchange(apdu)).toString('hex');
      strictEqual(statusWord, last.data.length > MAX_DATA ? '6700' : '9000');
      deepStrictEqual(arrived, last.data.length > MAX_DATA ? [] : [last]);
    }),
  ));

test('long answers arrive whole, in parts of any size, and the next answer is the next', () =>
  check(
    'chains: answers from the card',
    asyncProperty(array(tuple(length, constantFrom(0x9000, 0x6982, 0x63c2)), { minLength: 1, maxLength: 3 }), integer({ min: 16, max: 256 }), async (answers, limit) => {
      const wanted: Response[] = answers.map(([length, statusWord]) => ({ data: numbered(length), statusWord: length === 0 ? statusWord : 0x9000 }));
      let next = 0;
      const exchange = new ApduExchange(() => Promise.resolve(wanted[next++] ?? { data: new Uint8Array(), statusWord: 0x6f00 }));
      const session = new CardSession({ transmit: (apdu) => exchange.exchange(withLimit(apdu, limit)) });
      for (const answer of wanted) deepStrictEqual(await session.send({ ins: 0xcb }), { ok: true, value: answer });
    }),
  ));

/** As a reader that hands over no more than `limit` bytes at once would ask. */
function withLimit(apdu: Uint8Array, limit: number): Uint8Array {
  const last = apdu.at(-1) ?? 0;
  const asked = last === 0 ? 256 : last;
  return Uint8Array.from([...apdu.subarray(0, -1), Math.min(asked, limit) & 0xff]);
}
