import { describe, expect, it } from 'vitest';
import { matchesReader } from '../../../native/pkcs11/session.ts';

describe('a slot description and a reader name', () => {
  const long = 'A reader of a maker who likes long names, with the serial (00012345678901) 00 01';

  it.each([
    ['the same', 'Yubico YubiKey OTP+FIDO+CCID 00 00', 'Yubico YubiKey OTP+FIDO+CCID 00 00', true],
    ['blank padded', 'Yubico YubiKey OTP+FIDO+CCID 00 00'.padEnd(64), 'Yubico YubiKey OTP+FIDO+CCID 00 00', true],
    ['NUL padded', 'Yubico YubiKey CCID 0\0\0\0', 'Yubico YubiKey CCID 0', true],
    ['the second reader', 'Yubico YubiKey OTP+FIDO+CCID 00 01'.padEnd(64), 'Yubico YubiKey OTP+FIDO+CCID 00 00', false],
    ['a beginning of it', 'Yubico YubiKey'.padEnd(64), 'Yubico YubiKey OTP+FIDO+CCID 00 00', false],
    ['cut at 64 bytes (ykcs11)', long.slice(0, 64), long, true],
    ['cut with dots (OpenSC)', `${long.slice(0, 61)}...`, long, true],
    ['cut elsewhere', long.slice(0, 40), long, false],
    ['exactly 64 bytes', long.slice(0, 64), long.slice(0, 64), true],
    ['empty', ''.padEnd(64), 'Yubico YubiKey CCID 0', false],
  ])('%s', (_, description, reader, matches) => {
    expect(matchesReader(description, reader)).toBe(matches);
  });
});
