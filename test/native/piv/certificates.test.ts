import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../../../core/bytes.ts';
import { certificateObject, decodeCertificateObject, readCertificate, writeCertificate } from '../../../native/piv/certificates.ts';
import { newChuid } from '../../../native/piv/chuid.ts';
import { FACTORY, KEY_REFERENCE, OBJECT } from '../../../native/piv/identifiers.ts';
import { authenticate } from '../../../native/piv/management-key.ts';
import { decodeTlvs, encodeTlv, findTlv } from '../../../native/piv/tlv.ts';
import { readObject } from '../../../native/virtual-yubikey/state.ts';
import { directKey, FIRMWARES, openPiv, outcome, value, virtualKey } from './direct-access.ts';
import { otherPublicKey, testCertificate } from './test-certificate.ts';

const PIN = FACTORY.PIN;
const GENERATE = { pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } as const;

/** FASC-N of PACS 2.3, table 6: digits in BCD from the lowest bit, each with odd parity. */
function encodeFascN(digits: string): string {
  const codes: Readonly<Record<string, number>> = { S: 0b1011, F: 0b1101, E: 0b1111 };
  const values = [...digits].map((digit) => codes[digit] ?? Number(digit));
  values.push(values.reduce((sum, digit) => sum ^ digit, 0));
  const bits = values.map((digit) => {
    const low = [0, 1, 2, 3].map((bit) => (digit >> bit) & 1);
    return [...low, low.reduce((ones, bit) => ones + bit, 0) % 2 === 0 ? 1 : 0].join('');
  });
  return BigInt(`0b${bits.join('')}`).toString(16).padStart(50, '0');
}

describe('CHUID', () => {
  const chuid = newChuid(new Date('2031-02-03T04:05:06Z'));

  test('has the fields of 73-4 part 1, table 9, in their order', () => {
    expect(decodeTlvs(chuid)?.map(({ tag, value: field }) => [tag, field.length])).toEqual([
      [0x30, 25],
      [0x34, 16],
      [0x35, 8],
      [0x3e, 0],
      [0xfe, 0],
    ]);
  });

  test('belongs to no agency: 9999-9999-999999-0-1-0000000000300001', () => {
    expect(toHex(findTlv(chuid, 0x30) ?? new Uint8Array())).toBe(encodeFascN('S9999F9999F999999F0F1F0000000000300001E'));
  });

  test('its GUID is a UUID of version 4, and another one each time', () => {
    expect(toHex(findTlv(chuid, 0x34) ?? new Uint8Array())).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab]/);
    expect(findTlv(newChuid(new Date()), 0x34)).not.toEqual(findTlv(chuid, 0x34));
  });

  test('ends when the certificate does', () => {
    expect(new TextDecoder().decode(findTlv(chuid, 0x35))).toBe('20310203');
  });
});

describe('certificate objects', () => {
  const certificate = testCertificate(otherPublicKey());

  test('a compressed one is inflated', () => {
    const content = concatBytes(encodeTlv(0x70, gzipSync(certificate)), encodeTlv(0x71, Uint8Array.of(1)), encodeTlv(0xfe));
    expect(decodeCertificateObject(content)).toEqual(certificate);
  });

  test.each([
    ['one that says compressed and is not', concatBytes(encodeTlv(0x70, certificate), encodeTlv(0x71, Uint8Array.of(1)))],
    ['one that inflates without end', concatBytes(encodeTlv(0x70, gzipSync(new Uint8Array(1_000_000))), encodeTlv(0x71, Uint8Array.of(1)))],
    ['an empty one', encodeTlv(0x70)],
    ['a cut-off one', encodeTlv(0x70, certificate).subarray(0, 100)],
  ])('%s is none', (_, content) => {
    expect(decodeCertificateObject(content)).toBeUndefined();
  });

  test('each slot has its own, and there is none beyond them', () => {
    expect(certificateObject(KEY_REFERENCE.RETIRED_FIRST)).toBe(0x5fc10d);
    expect(certificateObject(KEY_REFERENCE.RETIRED_LAST)).toBe(OBJECT.RETIRED_LAST_CERTIFICATE);
    const slots = [0x9a, 0x9c, 0x9d, 0x9e, 0xf9, ...Array.from({ length: 20 }, (_, index) => 0x82 + index)];
    expect(new Set(slots.map(certificateObject)).size).toBe(slots.length);
    expect(() => certificateObject(0x96)).toThrow(RangeError);
  });

  test('the largest one a key takes is written and read', async () => {
    const session = await openPiv(virtualKey('5.4.3'));
    value(await authenticate(session, { algorithm: '3DES', value: FACTORY.MANAGEMENT_KEY }));
    const large = testCertificate(otherPublicKey(), { paddingBytes: 2600 });
    value(await writeCertificate(session, 0x9a, large));
    expect(value(await readCertificate(session, 0x9a))).toEqual(large);
  });
});

describe.each(FIRMWARES)('writing the certificate on firmware %s', (firmware) => {
  test('it is there afterwards, uncompressed, with a new CHUID each time', async () => {
    const key = virtualKey(firmware);
    const certificate = testCertificate(value(await directKey(key).generateKey(GENERATE)));
    value(await directKey(key).writeCertificate(PIN, certificate));
    const first = readObject(key.exportState(), OBJECT.CHUID);
    expect(value(await directKey(key).facts()).authentication.certificate).toEqual(certificate);
    value(await directKey(key).writeCertificate(PIN, certificate));
    expect(readObject(key.exportState(), OBJECT.CHUID)).not.toEqual(first);
    expect(outcome(await directKey(key).prove(PIN, certificate))).toBe('ok');
  });

  test('one for another key, or for none, is not written', async () => {
    const key = virtualKey(firmware);
    value(await directKey(key).generateKey(GENERATE));
    const before = key.exportState().objects;
    const unfit = { ok: false, failure: { kind: 'certificate-unfit', reason: 'public-key' } };
    expect(await directKey(key).writeCertificate(PIN, testCertificate(otherPublicKey()))).toEqual(unfit);
    expect(await directKey(key).writeCertificate(PIN, new Uint8Array(50))).toEqual({ ok: false, failure: { kind: 'certificate-unfit', reason: 'unreadable' } });
    expect(key.exportState().objects).toEqual(before);
  });

  test('proof fails with another certificate than the one in the slot', async () => {
    const key = virtualKey(firmware);
    const publicKey = value(await directKey(key).generateKey(GENERATE));
    value(await directKey(key).writeCertificate(PIN, testCertificate(publicKey)));
    expect(await directKey(key).prove(PIN, testCertificate(publicKey))).toEqual({
      ok: false,
      failure: { kind: 'proof-failed', reason: 'certificate-not-found', module: 'PIV' },
    });
  });
});
