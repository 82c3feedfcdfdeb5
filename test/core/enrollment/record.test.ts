import { describe, expect, test } from 'vitest';
import { type EnrollmentRecord, formatRecord, parseRecord, recordId } from '../../../core/enrollment/record.ts';

const FINGERPRINT = 'c0ffee'.padEnd(64, '0');
const RECORD: EnrollmentRecord = {
  id: recordId(5_210_001, FINGERPRINT),
  keyPair: { kind: 'generated', publicKeySha256: 'ab'.repeat(32) },
  csr: Uint8Array.of(0x30, 0x80, 0xff),
  request: { id: '0'.repeat(32), submittedAt: new Date('2026-03-01T10:00:00.123Z') },
};

describe('enrollment record', () => {
  test.each<[string, EnrollmentRecord]>([
    ['with everything', RECORD],
    ['before the key pair', { ...RECORD, keyPair: { kind: 'generating', before: null }, csr: null, request: null }],
    ['of a key without a serial', { ...RECORD, id: recordId(null, FINGERPRINT), keyPair: { kind: 'discarded', publicKeySha256: 'ab'.repeat(32) } }],
  ])('survives the way through text: %s', (_name, record) => {
    expect(parseRecord(formatRecord(record))).toEqual(record);
  });

  test.each([
    ['no JSON', '{'],
    ['something else', '{"id":"5210001"}'],
    ['an id that would be a path', formatRecord({ ...RECORD, id: '../../etc/passwd' })],
    ['a request id that would be a path', formatRecord({ ...RECORD, request: { id: '../queue', submittedAt: new Date(0) } })],
  ])('is not read from %s', (_name, text) => {
    expect(parseRecord(text)).toBeNull();
  });
});
