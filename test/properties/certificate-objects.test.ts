// Plain assertions: over a million cases vitest's own would take most of the time.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { boolean, constantFrom, nat, oneof, property, uint8Array } from 'fast-check';
import { test } from 'vitest';
import { concatBytes } from '../../core/bytes.ts';
import { decodeCertificateObject } from '../../native/piv/certificates.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import { changedOrAny } from './changed-bytes.ts';
import { F9 } from './fixed-material.ts';
import { check } from './property-runs.ts';

/** 73-4 part 1, table 10: certificate, CertInfo (01: gzip), error detection code. */
function object(certificate: Uint8Array, info: number, order: 'usual' | 'info-first' = 'usual'): Uint8Array {
  const [body, flags] = [encodeTlv(0x70, certificate), encodeTlv(0x71, Uint8Array.of(info))];
  return order === 'usual' ? concatBytes(body, flags, encodeTlv(0xfe)) : concatBytes(flags, body);
}

const LIMIT = 0x10000;
/** What inflates to a thousand times its size: 1 MiB out of 1 KB, which fits an object. */
const bomb = gzipSync(new Uint8Array(1 << 20), { level: 9 });
const REAL = [object(F9, 0), object(gzipSync(F9), 1), object(bomb, 1), object(concatBytes(gzipSync(F9), gzipSync(F9)), 1), object(gzipSync(F9), 1, 'info-first')];

test('any object is a certificate of at most 64 KiB, or none', () =>
  check(
    'certificate objects: any bytes',
    property(changedOrAny(REAL), (content) => {
      const read = decodeCertificateObject(content);
      ok(read === undefined || (read.length > 0 && read.length <= LIMIT));
    }),
    REAL.map((content) => [content]),
  ));

/** What compresses well (long runs) and what does not. */
const content = oneof(uint8Array({ minLength: 1, maxLength: 200 }), nat(2 * LIMIT).map((length) => new Uint8Array(length + 1)), constantFrom(F9));

test('what was compressed is inflated, up to the limit; cut off anywhere it is none', () =>
  check(
    'certificate objects: compressed',
    property(content, nat(0xffff), boolean(), (bytes, place, isCut) => {
      const compressed = gzipSync(bytes);
      const read = decodeCertificateObject(object(isCut ? compressed.subarray(0, place % compressed.length) : compressed, 1));
      if (isCut || bytes.length > LIMIT) strictEqual(read, undefined);
      else deepStrictEqual(read, new Uint8Array(bytes));
    }),
  ));
