import { describe, expect, test } from 'vitest';
import { FACTORY, INS, OBJECT } from '../../../native/piv/identifiers.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import { attemptsLeft } from '../../../native/piv/status-word.ts';
import { factoryState } from '../../../native/virtual-yubikey/state.ts';
import { firmwareProfile } from '../../../native/virtual-yubikey/firmware.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, MODELS, openPiv, outcome, OWNER_PIN, OWNER_PUK, value, type Model } from './direct-access.ts';
import { keyOfForm } from './management-forms.ts';
import { pullAtEveryCommand } from './pulled.ts';
import { testCertificate } from './test-certificate.ts';

const WRONG = '00000000';

/** An owned key in use, with an object of every kind. */
async function keyInUse(model: Model): Promise<VirtualYubiKey> {
  const { key } = await keyOfForm(model, 'protected');
  const publicKey = value(await directKey(key).generateKey({ pin: OWNER_PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
  value(await directKey(key).writeCertificate(OWNER_PIN, testCertificate(publicKey)));
  return key;
}

function expectFactoryNew(key: VirtualYubiKey, model: Model): void {
  const { pin, puk, managementKey, keys, objects } = key.exportState();
  const fresh = factoryState(firmwareProfile(key.firmware, model.endsWith('FIPS')), key.serial, 'usb-c-keychain');
  expect({ pin, puk, managementKey }).toEqual({ pin: fresh.pin, puk: fresh.puk, managementKey: fresh.managementKey });
  expect(Object.keys(keys)).toEqual(['f9']);
  expect(Object.keys(objects)).toEqual([OBJECT.ATTESTATION_CERTIFICATE.toString(16)]);
}

describe.each(MODELS)('resetting %s', (model) => {
  test('blocks PIN and PUK itself, and leaves a key as from the factory', async () => {
    const key = await keyInUse(model);
    value(await directKey(key).reset(key.serial));
    expectFactoryNew(key, model);
    const facts = value(await directKey(key).facts());
    expect(facts.authentication).toEqual({ keyPair: null, certificate: null, fits: null });
    expect(facts.managementKey.isPinProtected).toBe(false);
  });

  test.each([
    ['the PIN is blocked', 3, 0],
    ['the PUK is blocked', 0, 3],
    ['both are', 3, 3],
    ['some attempts are lost', 1, 2],
  ])('also where %s already', async (_, pinTries, pukTries) => {
    const key = await keyInUse(model);
    for (let attempt = 0; attempt < pinTries; attempt++) await directKey(key).verifyPin(WRONG);
    for (let attempt = 0; attempt < pukTries; attempt++) await directKey(key).unblockPin(WRONG, OWNER_PIN);
    value(await directKey(key).reset(key.serial));
    expectFactoryNew(key, model);
  });

  test('also with 255 attempts to spend on each', async () => {
    const { key, access } = await keyOfForm(model, 'protected');
    value(await directKey(key).setRetries({ ...access, pinAttempts: 255, pukAttempts: 255, newPin: OWNER_PIN, newPuk: OWNER_PUK }));
    value(await directKey(key).reset(key.serial));
    expectFactoryNew(key, model);
  });

  test('pulled at every command, it goes on where it was', async () => {
    const prepared = await keyInUse(model);
    const commands = await pullAtEveryCommand(model, prepared, (key) => directKey(key).reset(key.serial), async ({ key, where }) => {
      const before = key.exportState();
      const isReset = before.keys['9a'] === undefined;
      if (isReset) expectFactoryNew(key, model);
      else expect(before.managementKey, where).toEqual(prepared.exportState().managementKey);
      expect(outcome(await directKey(key).reset(key.serial)), where).toBe('ok');
      expectFactoryNew(key, model);
    });
    expect(commands).toBeGreaterThanOrEqual(11);
  });

  test.each(['wrong', 'none'] as const)('%s serial: nothing is touched', async (typed) => {
    const key = await keyInUse(model);
    const before = key.exportState();
    expect(outcome(await directKey(key).reset(typed === 'wrong' ? key.serial + 1 : null))).toBe('serial-mismatch');
    expect(key.exportState()).toEqual(before);
  });
});

test('a key that tells no serial at all is reset without one, and with none other', async () => {
  const key = await keyInUse('4.3.7');
  const transmit = key.transmit.bind(key);
  const isManagement = (apdu: Uint8Array): boolean => apdu[1] === INS.SELECT && apdu[9] === 0x27;
  key.transmit = async (apdu) => (isManagement(apdu) ? Uint8Array.of(0x6a, 0x82) : transmit(apdu));
  expect(value(await directKey(key).facts()).serial).toBeNull();
  expect(outcome(await directKey(key).reset(key.serial))).toBe('serial-mismatch');
  expect(outcome(await directKey(key).reset(null))).toBe('ok');
});

test('a key that refuses in another way is not asked for ever', async () => {
  const key = await keyInUse('5.4.3');
  const transmit = key.transmit.bind(key);
  key.transmit = async (apdu) => (apdu[1] === INS.VERIFY ? Uint8Array.of(0x63, 0xc3) : transmit(apdu));
  const before = key.statistics.apdus;
  expect(outcome(await directKey(key).reset(key.serial))).toBe('card-error');
  expect(key.statistics.apdus - before).toBeLessThan(10);
  expect(key.exportState().puk.attemptsLeft).toBe(3);
});

test.each([
  [0x63c2, 2],
  [0x63c0, 0],
  [0x6302, 2], // firmware before 1.0.4
  [0x6983, 0],
  [0x9000, undefined],
  [0x6a80, undefined],
])('%i leaves %s attempts', (statusWord, expected) => {
  expect(attemptsLeft(statusWord)).toBe(expected);
});

test('a key that was reset opens with the factory values', async () => {
  const key = await keyInUse('5.7.1');
  value(await directKey(key).reset(key.serial));
  const session = await openPiv(key);
  value(await verifyPin(session, FACTORY.PIN));
  expect(outcome(await unlockManagement(session, { pin: FACTORY.PIN }))).toBe('ok');
});
