// Plain assertions: over a million cases vitest's own would take most of the time.
import { ok, strictEqual } from 'node:assert/strict';
import { asyncProperty, constantFrom, property, tuple } from 'fast-check';
import { test } from 'vitest';
import { concatBytes, fromHex } from '../../core/bytes.ts';
import { KEY_TYPES } from '../../core/security-key.ts';
import { decodeDeviceInformation, modelName } from '../../native/piv/device-information.ts';
import { KEY_ALGORITHM } from '../../native/piv/identifiers.ts';
import { readManagementKeyMetadata, readReferenceMetadata, readSerial, readSlotMetadata } from '../../native/piv/metadata.ts';
import { keyTypeOf, publicKeyFromPiv } from '../../native/piv/public-keys.ts';
import { PivSession } from '../../native/piv/session.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import { changedOrAny } from './changed-bytes.ts';
import { PUBLIC_KEYS } from './fixed-material.ts';
import { check } from './property-runs.ts';

const FIRMWARE = { major: 5, minor: 7, patch: 1 };

/** Answers about the PIN, the management key, and generated keys (tags 01 to 06, Yubico). */
const METADATA = [
  fromHex('0101ff05010106020303'),
  fromHex('010103020200ff050101'),
  ...PUBLIC_KEYS.map(([keyType, encoded]) => concatBytes(encodeTlv(0x01, Uint8Array.of(KEY_ALGORITHM[keyType])), fromHex('02020201030101'), encodeTlv(0x04, encoded))),
];

test('metadata of any form is facts or a failure', () =>
  check(
    'metadata: changed and any',
    asyncProperty(changedOrAny(METADATA), constantFrom<number[]>(0x9000, 0x9000, 0x9000, 0x6a88, 0x6982), async (bytes, statusWord) => {
      const answer = concatBytes(bytes, Uint8Array.of(statusWord >> 8, statusWord & 0xff));
      const session = new PivSession({ transmit: () => Promise.resolve(answer) }, FIRMWARE);
      const [pin, managementKey, slot] = [await readReferenceMetadata(session, 'PIN'), await readManagementKeyMetadata(session), await readSlotMetadata(session, 0x9a)];
      for (const result of [pin, managementKey, slot, await readSerial(session)]) ok(result.ok || result.failure.kind !== undefined);
      if (slot.ok && slot.value !== null) strictEqual(keyTypeOf(slot.value.publicKey), slot.value.keyType);
      if (pin.ok) for (const attempts of [pin.value.attemptsLeft, pin.value.attemptsTotal]) ok(attempts === null || (attempts >= 0 && attempts <= 255));
    }),
  ));

/** READ CONFIG's answer, which begins with its length: of a 5C NFC, of a FIPS key of 5.7, and of a YubiKey 4. */
const DEVICES = [
  '0102033f0302033f020400f00f140401030503050403060200000701000801000901010d02033f0e02033f0a0100',
  '0102033b020400f00f14030200100401830503050701140200101601010a0100',
  '01013f020400f00f140a0100',
].map((fields) => concatBytes(Uint8Array.of(fields.length / 2), fromHex(fields)));

test('device information of any form is facts', () =>
  check(
    'device information: changed and any',
    property(changedOrAny(DEVICES), (bytes) => {
      const device = decodeDeviceInformation(bytes);
      ok(device.serial === null || (Number.isInteger(device.serial) && device.serial >= 0 && device.serial <= 0xffffffff));
      ok(device.serial === null || bytes[0] === bytes.length - 1, 'read in spite of a wrong length');
      ok(modelName(FIRMWARE, device).startsWith('YubiKey'));
    }),
  ));

test('a public key of any form is a key of that type, or none', () =>
  check(
    'public keys: changed and any',
    property(tuple(constantFrom(...KEY_TYPES), changedOrAny(PUBLIC_KEYS.map(([, encoded]) => encoded))), ([keyType, encoded]) => {
      const publicKey = publicKeyFromPiv(keyType, encoded);
      if (publicKey !== undefined) strictEqual(keyTypeOf(publicKey), keyType);
    }),
    // What once failed: a modulus of another length.
    PUBLIC_KEYS.filter(([keyType]) => keyType === 'RSA2048').map(([, encoded]) => [['RSA4096', encoded]]),
  ));

test('a public key as the card tells it is that key', () => {
  for (const [keyType, encoded] of PUBLIC_KEYS) strictEqual(keyTypeOf(publicKeyFromPiv(keyType, encoded) ?? new Uint8Array()), keyType);
});

test('devices as they are, are read', () => {
  for (const device of DEVICES) strictEqual(decodeDeviceInformation(device).serial, 15732500);
});
