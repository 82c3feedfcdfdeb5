import { describe, expect, test } from 'vitest';
import { changePin, changePuk, readPinAttempts, unblockPin, verifyPin } from '../../../native/piv/pin.ts';
import { FIRMWARES, openPiv, outcome, value, virtualKey } from './direct-access.ts';

const WRONG = '000000';

describe.each(FIRMWARES)('PIN and PUK on firmware %s', (firmware) => {
  test('a wrong PIN tells the attempts left, the right one restores them', async () => {
    const session = await openPiv(virtualKey(firmware));
    expect(await verifyPin(session, WRONG)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(await verifyPin(session, WRONG)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 1 } });
    expect(outcome(await verifyPin(session, '123456'))).toBe('ok');
    expect(value(await readPinAttempts(await openReset(session)))).toBe(3);
  });

  test('the last wrong PIN blocks it, and the right one is refused from then on', async () => {
    const session = await openPiv(virtualKey(firmware));
    const outcomes = [];
    for (let attempt = 0; attempt < 3; attempt++) outcomes.push(outcome(await verifyPin(session, WRONG)));
    expect(outcomes).toEqual(['pin-wrong', 'pin-wrong', 'pin-blocked']);
    expect(outcome(await verifyPin(session, '123456'))).toBe('pin-blocked');
    expect(value(await readPinAttempts(session))).toBe(0);
  });

  test('the PUK unblocks the PIN; a wrong PUK tells its own attempts', async () => {
    const session = await openPiv(virtualKey(firmware));
    for (let attempt = 0; attempt < 3; attempt++) await verifyPin(session, WRONG);
    expect(await unblockPin(session, '11111111', '246813')).toEqual({ ok: false, failure: { kind: 'puk-wrong', attemptsLeft: 2 } });
    expect(outcome(await unblockPin(session, '12345678', '246813'))).toBe('ok');
    expect(outcome(await verifyPin(session, '246813'))).toBe('ok');
  });

  test('PIN and PUK change with the present value only', async () => {
    const session = await openPiv(virtualKey(firmware));
    expect(await changePin(session, WRONG, '246813')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(outcome(await changePin(session, '123456', '246813'))).toBe('ok');
    expect(await changePuk(session, WRONG, '87654321')).toEqual({ ok: false, failure: { kind: 'puk-wrong', attemptsLeft: 2 } });
    expect(outcome(await changePuk(session, '12345678', '87654321'))).toBe('ok');
    expect(outcome(await unblockPin(session, '87654321', '135791'))).toBe('ok');
    expect(outcome(await verifyPin(session, '135791'))).toBe('ok');
  });

  test.each([
    ['12345', 'too-short'],
    ['123456789', 'too-long'],
    ['ππππ5', 'too-long'],
    ['123456', 'factory-value'],
  ])('a new PIN "%s" is refused as %s before it reaches the card', async (newPin, rule) => {
    const key = virtualKey(firmware);
    const session = await openPiv(key);
    const before = key.statistics.apdus;
    expect(await changePin(session, '123456', newPin)).toMatchObject({ ok: false, failure: { kind: 'pin-invalid', which: 'PIN', rule } });
    expect(key.statistics.apdus).toBe(before);
  });

  test('a PIN of the wrong length costs no attempt', async () => {
    const session = await openPiv(virtualKey(firmware));
    expect(outcome(await verifyPin(session, ''))).toBe('pin-invalid');
    expect(outcome(await verifyPin(session, '1234'))).toBe('pin-invalid');
    expect(value(await readPinAttempts(session))).toBe(3);
  });
});

test("a PIN that a FIPS key's complexity rule refuses is too simple, and the old one stays", async () => {
  const session = await openPiv(virtualKey('5.7.1', { fips: true }));
  expect(await changePin(session, '123456', '111111')).toEqual({ ok: false, failure: { kind: 'pin-invalid', which: 'PIN', rule: 'too-simple' } });
  expect(outcome(await verifyPin(session, '123456'))).toBe('ok');
});

test.each([
  ['9753186', { rule: 'too-short', minLength: 8 }],
  ['abc123', { rule: 'too-simple' }],
  ['97531864', null],
])('a FIPS key of 5.7 says of "%s" what is wrong with it, also where nobody looked at its facts before', async (newPin, wrong) => {
  const session = await openPiv(virtualKey('5.7.1', { fips: true }));
  const changed = await changePin(session, '123456', newPin);
  expect(changed).toEqual(wrong === null ? { ok: true, value: undefined } : { ok: false, failure: { kind: 'pin-invalid', which: 'PIN', ...wrong } });
  expect(outcome(await verifyPin(session, wrong === null ? newPin : '123456'))).toBe('ok');
});

test('attempts are not told while the PIN is verified', async () => {
  const session = await openPiv(virtualKey('5.4.3'));
  await verifyPin(session, '123456');
  expect(value(await readPinAttempts(session))).toBeNull();
});

/** The same session after its PIN is forgotten: SELECT of another application and back. */
async function openReset(session: Awaited<ReturnType<typeof openPiv>>): Promise<typeof session> {
  await session.send({ ins: 0xa4, p1: 4, data: Uint8Array.of(0xa0, 0, 0, 5, 0x27, 0x47, 0x11, 0x17) });
  await session.send({ ins: 0xa4, p1: 4, data: Uint8Array.of(0xa0, 0, 0, 3, 8) });
  return session;
}
