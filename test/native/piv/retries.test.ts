import { describe, expect, test } from 'vitest';
import { FACTORY, INS, OBJECT } from '../../../native/piv/identifiers.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import { padReferenceData } from '../../../native/virtual-yubikey/reference-data.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { fromHex, toHex } from '../../../core/bytes.ts';
import { directKey, MODELS, openPiv, outcome, OWNER_PIN, value, type Model } from './direct-access.ts';
import { FORMS, isProtectedForm, keyOfForm, printedKey, storedHex } from './management-forms.ts';
import { pullAtEveryCommand, watchWrites } from './pulled.ts';

const [NEW_PIN, NEW_PUK] = ['97531864', '86420753'];
const WANTED = { pinAttempts: 8, pukAttempts: 5, newPin: NEW_PIN, newPuk: NEW_PUK };
const cells = MODELS.flatMap((model) => FORMS.map((form) => [model, form] as const));
const tellsFactory = (model: Model): boolean => !model.startsWith('4') && !model.startsWith('5.2');
const hex = (text: string): string => toHex(padReferenceData(text));

function expectSet(key: VirtualYubiKey): void {
  const { pin, puk } = key.exportState();
  expect(pin).toEqual({ value: hex(NEW_PIN), attemptsLeft: 8, attemptsTotal: 8 });
  expect(puk).toEqual({ value: hex(NEW_PUK), attemptsLeft: 5, attemptsTotal: 5 });
}

describe.each(cells)('setting the attempts on %s, management key %s', (model, form) => {
  test('sets them, and PIN and PUK at once; the management key stays known', async () => {
    const { key, access } = await keyOfForm(model, form);
    const printed = watchWrites(key, OBJECT.PRINTED);
    value(await directKey(key).setRetries({ ...access, ...WANTED }));
    expectSet(key);
    expect(printed.map(isProtectedForm)).toEqual(form === 'derived' ? [true] : []);
    const session = await openPiv(key);
    value(await verifyPin(session, NEW_PIN));
    expect(outcome(await unlockManagement(session, { ...access, pin: NEW_PIN }))).toBe('ok');
    if (form === 'derived') expect(printedKey(key)).toBe(key.exportState().managementKey.value);
  });

  test('pulled at every command: no attempt is lost, and it is finished by the same call', async () => {
    const { key: prepared, access } = await keyOfForm(model, form);
    const act = (key: VirtualYubiKey, pin = OWNER_PIN) => directKey(key).setRetries({ ...access, pin, ...WANTED });
    let last = '';
    const commands = await pullAtEveryCommand(model, prepared, act, async ({ key, where }) => {
      const { pin, puk } = key.exportState();
      expect([pin.attemptsLeft, puk.attemptsLeft], where).toEqual([pin.attemptsTotal, puk.attemptsTotal]);
      expect([OWNER_PIN, FACTORY.PIN, NEW_PIN].map(hex), where).toContain(pin.value);
      // The last command of all: only its answer is missing.
      last = pin.value === hex(NEW_PIN) ? where : last;
      if (pin.value === hex(NEW_PIN)) return expectSet(key);
      // Before 5.3 the key does not say that its PIN is the factory one again; the person is told that it may be.
      const isTold = tellsFactory(model) || pin.value !== hex(FACTORY.PIN);
      expect(outcome(await act(key, isTold || form === 'derived' ? OWNER_PIN : FACTORY.PIN)), where).toBe(isTold || form !== 'derived' ? 'ok' : 'pin-wrong');
      if (isTold || form !== 'derived') return expectSet(key);
      expect(outcome(await act(key, FACTORY.PIN)), where).toBe('ok');
      expectSet(key);
    });
    expect(last).toBe(`after ${commands - 1} commands, the answer lost`);
  });
});

describe.each(MODELS)('setting the attempts on %s', (model) => {
  test.each([0, 256, -1, 1.5, Number.NaN])('%d attempts are none: nothing is sent', async (attempts) => {
    const { key, access } = await keyOfForm(model, 'protected');
    const before = key.statistics.apdus;
    expect(outcome(await directKey(key).setRetries({ ...access, ...WANTED, pinAttempts: attempts }))).toBe('attempts-invalid');
    expect(outcome(await directKey(key).setRetries({ ...access, ...WANTED, pukAttempts: attempts }))).toBe('attempts-invalid');
    expect(key.statistics.apdus).toBe(before);
  });

  test('1 and 255 attempts are some', async () => {
    const { key, access } = await keyOfForm(model, 'protected');
    value(await directKey(key).setRetries({ ...access, ...WANTED, pinAttempts: 255, pukAttempts: 1 }));
    expect([key.exportState().pin.attemptsTotal, key.exportState().puk.attemptsTotal]).toEqual([255, 1]);
    expect(await directKey(key).verifyPin(OWNER_PIN)).toMatchObject({ failure: { kind: 'pin-wrong' } });
  });

  test.each([
    ['newPin', '12345', 'PIN', 'too-short'],
    ['newPin', '123456', 'PIN', 'factory-value'],
    ['newPuk', '12345678', 'PUK', 'factory-value'],
    ['newPuk', '123456789', 'PUK', 'too-long'],
    ...(model === '5.7.1 FIPS' ? ([['newPin', '9753186', 'PIN', 'too-short'], ['newPuk', '11111111', 'PUK', 'too-simple']] as const) : []),
  ] as const)('a %s "%s" is refused before it is needed, and PIN and PUK stay', async (field, typed, which, rule) => {
    const { key, access } = await keyOfForm(model, 'protected');
    const before = key.exportState();
    expect(await directKey(key).setRetries({ ...access, ...WANTED, [field]: typed })).toMatchObject({ failure: { kind: 'pin-invalid', which, rule } });
    expect(key.exportState()).toEqual(before);
  });

  test('a wrong PIN, or no way to the management key, sets nothing', async () => {
    const { key } = await keyOfForm(model, 'typed');
    const before = key.exportState();
    expect(outcome(await directKey(key).setRetries({ pin: OWNER_PIN, ...WANTED }))).toBe('management-key-unknown');
    expect(key.exportState()).toEqual(before);
    expect(await directKey(key).setRetries({ pin: '11223399', ...WANTED })).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(key.exportState().puk).toEqual(before.puk);
  });

  test('a note that the PUK is blocked is taken back', async () => {
    const { key, access } = await keyOfForm(model, 'factory');
    const session = await openPiv(key);
    value(await verifyPin(session, OWNER_PIN));
    value(await unlockManagement(session, access));
    value(await writeObject(session, OBJECT.ADMIN_DATA, fromHex('8009810101830460000000')));
    value(await directKey(key).setRetries({ ...access, ...WANTED }));
    expect(storedHex(key, OBJECT.ADMIN_DATA)).toBe('8006830460000000');
  });
});

test("a PUK that only the key's own list refuses is told, and the PIN is not left at its factory value for that", async () => {
  const { key, access } = await keyOfForm('5.7.1', 'protected');
  const transmit = key.transmit.bind(key);
  key.transmit = async (apdu) => (apdu[1] === INS.CHANGE_REFERENCE_DATA && apdu[3] === 0x81 ? Uint8Array.of(0x69, 0x85) : transmit(apdu));
  expect(await directKey(key).setRetries({ ...access, ...WANTED })).toEqual({ ok: false, failure: { kind: 'pin-invalid', which: 'PUK', rule: 'too-simple' } });
  expect([key.exportState().pin.value, key.exportState().puk.value]).toEqual([hex(NEW_PIN), hex(FACTORY.PUK)]);
});

test('on a FIPS key whose PIN and PUK are factory values again, the owner\'s come first, and the attempts with them', async () => {
  const { key, access } = await keyOfForm('5.7.1 FIPS', 'protected');
  const session = await openPiv(key);
  value(await verifyPin(session, OWNER_PIN));
  value(await unlockManagement(session, access));
  value(await session.ask('SET_RETRIES', { p1: 4, p2: 4 })); // as ykman leaves it
  expect(outcome(await directKey(key).rotateManagementKey({ pin: FACTORY.PIN }))).toBe('fips-not-ready');
  value(await directKey(key).setRetries({ pin: FACTORY.PIN, ...WANTED }));
  expectSet(key);
});
