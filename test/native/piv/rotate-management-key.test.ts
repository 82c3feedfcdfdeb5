import { hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../core/bytes.ts';
import { FACTORY, INS, OBJECT } from '../../../native/piv/identifiers.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, modelKey, MODELS, openPiv, outcome, OWNER_PIN, ownedKey, value, type Model } from './direct-access.ts';
import { FACTORY_HEX, FORMS, isProtectedForm, keyOfForm, printedKey, storedHex } from './management-forms.ts';
import { pullAtEveryCommand, watchWrites } from './pulled.ts';

const cells = MODELS.flatMap((model) => FORMS.map((form) => [model, form] as const));

/** What a rotation leaves behind: a key that is nobody's but the card's, in PRINTED and nowhere else, said in ADMIN DATA. */
function expectRotated(key: VirtualYubiKey, before: string): void {
  const { managementKey, pin, puk } = key.exportState();
  expect([FACTORY_HEX, before]).not.toContain(managementKey.value);
  expect(printedKey(key)).toBe(managementKey.value);
  expect(storedHex(key, OBJECT.ADMIN_DATA)).toMatch(/^800381010[23]$/);
  expect(storedHex(key, OBJECT.ROTATION)).toBeUndefined();
  expect([pin.attemptsLeft, puk.attemptsLeft]).toEqual([3, 3]);
}

/** K2 of rotate-management-key.ts, computed here. */
function follows(key: VirtualYubiKey, before: string): string {
  const salt = storedHex(key, OBJECT.ROTATION)?.slice(4);
  const derived = salt === undefined ? new ArrayBuffer(0) : hkdfSync('sha256', fromHex(before), fromHex(salt), 'latchkey management key rotation', before.length / 2);
  return toHex(new Uint8Array(derived));
}

async function canOpen(key: VirtualYubiKey, access: Parameters<typeof unlockManagement>[1]): Promise<string> {
  const session = await openPiv(key);
  value(await verifyPin(session, access.pin));
  return outcome(await unlockManagement(session, access));
}

describe.each(cells)('rotating the management key on %s, %s', (model, form) => {
  test('ends in a new random key in the protected form, and the algorithm stays', async () => {
    const { key, access } = await keyOfForm(model, form);
    const before = key.exportState().managementKey;
    const printed = watchWrites(key, OBJECT.PRINTED);
    value(await directKey(key).rotateManagementKey(access));
    expectRotated(key, before.value);
    expect(key.exportState().managementKey.algorithm).toBe(before.algorithm);
    expect(printed.length).toBeGreaterThan(0);
    expect(printed.every(isProtectedForm)).toBe(true);
    const { managementKey } = value(await directKey(key).facts());
    expect([managementKey.isPinProtected, managementKey.isPinDerived]).toEqual([true, false]);
    const second = key.exportState().managementKey.value;
    value(await directKey(key).rotateManagementKey({ pin: OWNER_PIN }));
    expectRotated(key, second);
  });

  test('pulled at every command: known all the time, opened by the same means, finished by the same call', async () => {
    const { key: prepared, access } = await keyOfForm(model, form);
    const before = prepared.exportState().managementKey.value;
    const commands = await pullAtEveryCommand(model, prepared, (key) => directKey(key).rotateManagementKey(access), async ({ key, where }) => {
      const { managementKey, pin, puk } = key.exportState();
      const printed = printedKey(key);
      const known = [before, printed, follows(key, FACTORY_HEX), printed === undefined ? undefined : follows(key, printed)];
      expect(known, where).toContain(managementKey.value);
      expect([pin.attemptsLeft, puk.attemptsLeft], where).toEqual([3, 3]);
      expect(await canOpen(key, access), where).toBe('ok');
      const writes = watchWrites(key, OBJECT.PRINTED);
      expect(outcome(await directKey(key).rotateManagementKey(access)), where).toBe('ok');
      expect(writes.every(isProtectedForm), where).toBe(true);
      expectRotated(key, before);
    });
    expect(commands).toBeGreaterThan(9);
  });

  test('cut off and then used for something else: that works, and finishes it', async () => {
    const { key: prepared, access } = await keyOfForm(model, form);
    const { managementKey: before } = prepared.exportState();
    await pullAtEveryCommand(model, prepared, (key) => directKey(key).rotateManagementKey(access), async ({ key, where }) => {
      const isStillBefore = key.exportState().managementKey.value === before.value;
      const generated = outcome(await directKey(key).generateKey({ pin: OWNER_PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
      // The port generates with the PIN alone, and a FIPS key not at all with the factory key.
      const expected = form === 'typed' ? 'management-key-unknown' : form === 'factory' && model === '5.7.1 FIPS' ? 'fips-not-ready' : 'ok';
      expect(generated, where).toBe(isStillBefore ? expected : 'ok');
      const { value: now } = key.exportState().managementKey;
      if (!isStillBefore) expect(printedKey(key), where).toBe(now);
      if (now !== FACTORY_HEX) expect(follows(key, FACTORY_HEX), where).not.toBe(now);
    });
  });

  test('the facts never call it unknown while it is under way', async () => {
    const { key: prepared, access } = await keyOfForm(model, form);
    if (form === 'typed') return; // That it is, before.
    await pullAtEveryCommand(model, prepared, (key) => directKey(key).rotateManagementKey(access), async ({ key, where }) => {
      const { isFactory, isPinProtected, isPinDerived } = value(await directKey(key).facts()).managementKey;
      expect(isFactory !== false || isPinProtected || isPinDerived, where).toBe(true);
    });
  });
});

describe.each(MODELS)('on %s', (model) => {
  test('a foreign PRINTED object is left alone, whatever the form', async () => {
    for (const form of ['factory', 'derived', 'typed'] as const) {
      if (model === '5.7.1 FIPS' && form === 'factory') continue; // PRINTED cannot even be looked at there.
      const { key, access } = await keyOfForm(model, form);
      const foreign = fromHex('010941646120412e204c2e');
      const session = await openPiv(key);
      value(await verifyPin(session, OWNER_PIN));
      value(await unlockManagement(session, access));
      value(await writeObject(session, OBJECT.PRINTED, foreign));
      const before = key.exportState();
      expect(outcome(await directKey(key).rotateManagementKey(access)), form).toBe('printed-object-in-use');
      expect(key.exportState()).toEqual(before);
    }
  });

  test('a key that nobody knows stays; a typed one of the wrong length is told, with the digits it needs', async () => {
    const { key, access } = await keyOfForm(model, 'typed');
    const before = key.exportState();
    expect(outcome(await directKey(key).rotateManagementKey({ pin: OWNER_PIN }))).toBe('management-key-unknown');
    expect(outcome(await directKey(key).rotateManagementKey({ pin: OWNER_PIN, managementKey: new Uint8Array(24).fill(7) }))).toBe('management-key-unknown');
    const malformed = { ok: false, failure: { kind: 'management-key-malformed', digits: 48 } };
    expect(await directKey(key).rotateManagementKey({ pin: OWNER_PIN, managementKey: access.managementKey?.subarray(1) })).toEqual(malformed);
    expect(key.exportState()).toEqual(before);
  });

  test('a wrong PIN changes nothing', async () => {
    const { key } = await keyOfForm(model, 'protected');
    const before = key.exportState().managementKey;
    expect(await directKey(key).rotateManagementKey({ pin: '11223399' })).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(key.exportState().managementKey).toEqual(before);
  });

  test('what is in PRINTED and ADMIN DATA besides is kept', async () => {
    const { key } = await keyOfForm(model, 'protected');
    const session = await openPiv(key);
    value(await verifyPin(session, OWNER_PIN));
    value(await unlockManagement(session, { pin: OWNER_PIN }));
    value(await writeObject(session, OBJECT.PRINTED, fromHex(`881d8101018918${printedKey(key)}`)));
    value(await writeObject(session, OBJECT.ADMIN_DATA, fromHex('8009810103830460000000')));
    value(await directKey(key).rotateManagementKey({ pin: OWNER_PIN }));
    expect(storedHex(key, OBJECT.PRINTED)).toBe(`881d8101018918${key.exportState().managementKey.value}`);
    expect(storedHex(key, OBJECT.ADMIN_DATA)).toBe('8009810103830460000000');
  });

  test('changing the PIN keeps a derived management key known, for it becomes a protected one', async () => {
    const { key } = await keyOfForm(model, 'derived');
    const before = key.exportState().managementKey.value;
    value(await directKey(key).changePin(OWNER_PIN, '13579086'));
    expectRotated(key, before);
    expect(await directKey(key).changePin('11223399', '13579000')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
  });
});

/** Answers 6A80 to the first SET MANAGEMENT KEY commands, as a card does to a weak DES key. */
function refuseKeys(key: VirtualYubiKey, count: number): void {
  const transmit = key.transmit.bind(key);
  let refused = 0;
  key.transmit = async (apdu) => (apdu[1] === INS.SET_MANAGEMENT_KEY && refused++ < count ? Uint8Array.of(0x6a, 0x80) : transmit(apdu));
}

test.each(['factory', 'protected'] as const)('a weak DES key that the card refuses is replaced by another (%s)', async (form) => {
  const { key, access } = await keyOfForm('5.4.3', form);
  const before = key.exportState().managementKey.value;
  refuseKeys(key, 2);
  value(await directKey(key).rotateManagementKey(access));
  expectRotated(key, before);
  refuseKeys(key, 100);
  expect(outcome(await directKey(key).rotateManagementKey(access))).toBe('security-key-unresponsive');
});

test('an AES key is not weak: a refusal is what it is', async () => {
  const { key, access } = await keyOfForm('5.7.1', 'protected');
  refuseKeys(key, 1);
  expect(outcome(await directKey(key).rotateManagementKey(access))).toBe('card-error');
});

/** A card whose PRINTED takes nothing, and says that it did. */
function forgetPrinted(key: VirtualYubiKey): () => void {
  const transmit = key.transmit.bind(key);
  const isPrinted = (apdu: Uint8Array): boolean => apdu[1] === INS.PUT_DATA && toHex(apdu.subarray(5, 10)) === '5c035fc109';
  key.transmit = async (apdu) => (isPrinted(apdu) ? Uint8Array.of(0x90, 0x00) : transmit(apdu));
  return () => (key.transmit = transmit);
}

test.each(['factory', 'protected'] as const)('a key that does not store what it was given is not trusted with the only copy (%s)', async (form) => {
  const { key, access } = await keyOfForm('5.4.3', form);
  const { managementKey } = key.exportState();
  const heal = forgetPrinted(key);
  expect(outcome(await directKey(key).rotateManagementKey(access))).toBe('security-key-unresponsive');
  if (form === 'factory') expect(key.exportState().managementKey).toEqual(managementKey);
  heal();
  value(await directKey(key).rotateManagementKey(access));
  expectRotated(key, managementKey.value);
});

describe('a FIPS key of 5.7', () => {
  const FIPS: Model = '5.7.1 FIPS';

  test('with a factory PUK cannot be protected yet, and nothing is changed', async () => {
    const key = await ownedKey(FIPS);
    const factoryPuk = { ...key.exportState(), puk: { value: Buffer.from(FACTORY.PUK).toString('hex'), attemptsLeft: 3, attemptsTotal: 3 } };
    const again = modelKey(FIPS, { state: factoryPuk });
    expect(outcome(await directKey(again).protectManagementKey(OWNER_PIN))).toBe('fips-not-ready');
    expect(again.exportState()).toEqual(factoryPuk);
  });

  test('is protected by a key that does not follow from public values', async () => {
    const key = await ownedKey(FIPS);
    const salts = watchWrites(key, OBJECT.ROTATION);
    value(await directKey(key).protectManagementKey(OWNER_PIN));
    expectRotated(key, FACTORY_HEX);
    const bridges = salts.filter((content) => content.length > 0).map((content) => toHex(new Uint8Array(hkdfSync('sha256', fromHex(FACTORY_HEX), content.subarray(2), 'latchkey management key rotation', 24))));
    expect(bridges).toHaveLength(1);
    expect(bridges).not.toContain(key.exportState().managementKey.value);
  });
});

test.each([
  ['5.2.4', 1],
  ['5.4.3', 0],
] as const)('firmware %s: the factory key is entered %i times where another one is set: never where the key says so', async (model, expected) => {
  const { key } = await keyOfForm(model, 'typed');
  let challenges = 0;
  const transmit = key.transmit.bind(key);
  key.transmit = (apdu) => {
    if (apdu[1] === INS.GENERAL_AUTHENTICATE && apdu[4] === 4) challenges += 1;
    return transmit(apdu);
  };
  expect(await canOpen(key, { pin: OWNER_PIN })).toBe('management-key-unknown');
  expect(challenges).toBe(expected);
});

test('a management key that wants a touch: touched, it is rotated; missed, that is told', async () => {
  const { key: prepared } = await keyOfForm('5.7.1', 'protected');
  const state = prepared.exportState();
  const key = modelKey('5.7.1', { state: { ...state, managementKey: { ...state.managementKey, touchPolicy: 'always' } }, touchTimeLimitMs: 1200 });
  expect(outcome(await directKey(key).rotateManagementKey({ pin: OWNER_PIN }))).toBe('touch-timeout');
  expect(key.exportState().managementKey.value).toBe(state.managementKey.value);
  key.setAutoTouch(true);
  value(await directKey(key).rotateManagementKey({ pin: OWNER_PIN }));
  expectRotated(key, state.managementKey.value);
});
