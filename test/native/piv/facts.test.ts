import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromBase64, fromHex } from '../../../core/bytes.ts';
import type { SecurityKeyFacts } from '../../../core/security-key.ts';
import { decodeDeviceInformation, modelName } from '../../../native/piv/device-information.ts';
import { writeCertificate } from '../../../native/piv/certificates.ts';
import { FACTORY, INS } from '../../../native/piv/identifiers.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import { certificateFacts, keyTypeOf } from '../../../native/piv/public-keys.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, FIRMWARES, MODELS, openPiv, outcome, OWNER_PIN, READER, value, virtualKey } from './direct-access.ts';
import { FORMS, keyOfForm } from './management-forms.ts';
import { otherPublicKey, testCertificate } from './test-certificate.ts';

const PIN = FACTORY.PIN;

async function factsOf(key: VirtualYubiKey): Promise<SecurityKeyFacts> {
  return value(await directKey(key).facts());
}

test('a factory-new YubiKey 5', async () => {
  expect(await factsOf(virtualKey('5.4.3'))).toEqual({
    readerName: READER,
    serial: 5210001,
    firmware: { major: 5, minor: 4, patch: 3 },
    model: 'YubiKey 5C',
    formFactor: 'usb-c-keychain',
    isFips: false,
    demandsComplexPin: false,
    pin: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 },
    puk: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 },
    managementKey: { algorithm: '3DES', isFactory: true, isPinProtected: false, isPinDerived: false },
    authentication: { keyPair: null, certificate: null, fits: null },
    movedTo: null,
  });
});

test('firmware before 5.3 does not tell what is factory, and it is not tried', async () => {
  const key = virtualKey('5.2.4');
  value(await directKey(key).changePin(PIN, '246813'));
  const { pin, puk, managementKey } = await factsOf(key);
  expect(pin).toEqual({ isFactory: null, attemptsLeft: 3, attemptsTotal: null });
  expect(puk).toEqual({ isFactory: null, attemptsLeft: null, attemptsTotal: null });
  expect(managementKey).toEqual({ algorithm: '3DES', isFactory: null, isPinProtected: false, isPinDerived: false });
  expect(key.exportState().pin.attemptsLeft).toBe(3);
});

test('a YubiKey 4 tells its serial by the management application', async () => {
  expect(await factsOf(virtualKey('4.3.7'))).toMatchObject({ serial: 5210001, model: 'YubiKey 4', formFactor: null });
});

test('a FIPS key', async () => {
  expect(await factsOf(virtualKey('5.7.1', { fips: true, formFactor: 'usb-a-nano' }))).toMatchObject({
    isFips: true,
    model: 'YubiKey 5 Nano FIPS',
    managementKey: { algorithm: 'AES-192', isFactory: true },
  });
});

test('a key that refuses trivial PINs says so, FIPS or not', async () => {
  expect((await factsOf(virtualKey('5.7.1', { fips: true }))).demandsComplexPin).toBe(true);
  expect((await factsOf(virtualKey('5.7.1'))).demandsComplexPin).toBe(false);
  expect(decodeDeviceInformation(fromHex('03160101')).demandsComplexPin).toBe(true);
});

describe.each(MODELS)('%s', (model) => {
  test('tells which form the management key has', async () => {
    const seen = [];
    for (const form of FORMS) {
      const { managementKey } = await factsOf((await keyOfForm(model, form)).key);
      seen.push([form, managementKey.isPinProtected, managementKey.isPinDerived]);
    }
    expect(seen).toEqual([
      ['factory', false, false],
      ['protected', true, false],
      ['derived', false, true],
      ['typed', false, false],
    ]);
  });

  test('tells whether the certificate is for the key pair; what cannot be read fits nothing', async () => {
    const { key, access } = await keyOfForm(model, 'protected');
    const publicKey = value(await directKey(key).generateKey({ pin: OWNER_PIN, keyType: 'ECCP384', pinPolicy: 'once', touchPolicy: 'never' }));
    const fits: (boolean | null)[] = [(await factsOf(key)).authentication.fits];
    for (const certificate of [testCertificate(publicKey), testCertificate(otherPublicKey()), Uint8Array.of(0x30, 0x03, 1, 2, 3)]) {
      const session = await openPiv(key);
      value(await verifyPin(session, OWNER_PIN));
      value(await unlockManagement(session, access));
      value(await writeCertificate(session, 0x9a, certificate));
      fits.push((await factsOf(key)).authentication.fits);
    }
    expect(fits).toEqual([null, true, false, null]);
  });

  test('needs at most 25 commands with a certificate of 2 KB, GET RESPONSE counted, and no attempt', async () => {
    const { key } = await keyOfForm(model, 'protected');
    const keyType = model.startsWith('5.7') ? 'RSA4096' : 'RSA2048';
    const publicKey = value(await directKey(key).generateKey({ pin: OWNER_PIN, keyType, pinPolicy: 'once', touchPolicy: 'never' }));
    const certificate = testCertificate(publicKey, { paddingBytes: 2048 - testCertificate(publicKey).length });
    expect(certificate.length).toBeGreaterThan(2040);
    value(await directKey(key).writeCertificate(OWNER_PIN, certificate));
    await directKey(key).verifyPin('00000000');
    const sent: number[] = [];
    const transmit = key.transmit.bind(key);
    key.transmit = (apdu) => {
      sent.push(apdu[1] ?? 0);
      return transmit(apdu);
    };
    expect((await factsOf(key)).pin.attemptsLeft).toBe(2);
    expect(sent.length).toBeLessThanOrEqual(25);
    expect(sent).toContain(INS.GET_RESPONSE);
    expect(key.exportState().pin.attemptsLeft).toBe(2);
  });
});

describe.each(FIRMWARES)('firmware %s', (firmware) => {
  test('tells of the key pair, the certificate and the protected management key', async () => {
    const key = virtualKey(firmware);
    value(await directKey(key).protectManagementKey(PIN));
    const publicKey = value(await directKey(key).generateKey({ pin: PIN, keyType: 'ECCP384', pinPolicy: 'always', touchPolicy: 'cached' }));
    const certificate = testCertificate(publicKey);
    value(await directKey(key).writeCertificate(PIN, certificate));
    const { authentication, managementKey } = await factsOf(key);
    expect(authentication).toEqual({ keyPair: { keyType: 'ECCP384', origin: 'generated', pinPolicy: 'always', touchPolicy: 'cached', publicKey }, certificate, fits: true });
    expect(managementKey.isPinProtected).toBe(true);
    expect(managementKey.isFactory).toBe(firmware.startsWith('5.2') || firmware.startsWith('4') ? null : false);
  });

  test('tells of a blocked PIN', async () => {
    const key = virtualKey(firmware);
    for (let attempt = 0; attempt < 3; attempt++) await directKey(key).verifyPin('000000');
    expect((await factsOf(key)).pin.attemptsLeft).toBe(0);
  });

  test('attests a generated key', async () => {
    const key = virtualKey(firmware);
    expect(outcome(await directKey(key).attest())).toBe('attestation-unavailable');
    const publicKey = value(await directKey(key).generateKey({ pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
    const attestation = value(await directKey(key).attest());
    expect(certificateFacts(attestation.statement)?.publicKey).toEqual(publicKey);
    expect(certificateFacts(attestation.intermediate)?.publicKey).toBeDefined();
  });
});

test("a real YubiKey's statement (5.4.3, /work/shared/attestation/vectors) tells its key type", () => {
  const pem = readFileSync(new URL('../../vectors/attestation/yubikey-5.4.3-9a.pem', import.meta.url), 'utf8');
  const facts = certificateFacts(fromBase64(pem.replace(/-----[A-Z ]+-----/g, '')));
  expect(facts && keyTypeOf(facts.publicKey)).toBeDefined();
});

describe('READ CONFIG', () => {
  // Tags and values as yubikit's documentation of device info describes them.
  test.each([
    ['0d0402033f0302033f0401030d0103', 'YubiKey 5C NFC', 'usb-c-keychain', false],
    ['060401010d020200', 'YubiKey 5 NFC', 'usb-a-keychain', false],
    ['03040181', 'YubiKey 5A FIPS', 'usb-a-keychain', true],
    ['03040105', 'YubiKey 5Ci', 'usb-c-lightning', false],
    ['03040147', 'YubiKey C Bio', 'usb-c-bio', false],
    ['07040104140200ff', 'YubiKey 5C Nano FIPS', 'usb-c-nano', true],
    ['0304010f', 'YubiKey 5', null, false],
  ])('%s is a %s', (hex, model, formFactor, isFips) => {
    const bytes = fromHex(hex);
    bytes[0] = bytes.length - 1;
    const device = decodeDeviceInformation(bytes);
    expect(device).toMatchObject({ formFactor, isFips });
    expect(modelName({ major: 5, minor: 4, patch: 3 }, device)).toBe(model);
  });

  test.each(['', '05040101', '0304'])('malformed "%s" tells nothing', (hex) => {
    expect(decodeDeviceInformation(fromHex(hex))).toEqual({ serial: null, formFactor: null, hasNfc: false, isFips: false, demandsComplexPin: false });
  });
});
