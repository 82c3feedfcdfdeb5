import { describe, expect, it } from 'vitest';
import { authenticate, NEW_PIN, OWNERS, PIN, plugIn, PUK, selectPiv, send, statusOf, verifyPin, WRONG } from './host.ts';

const EMPTY_VERIFY = '00200080';

describe('VERIFY', () => {
  it('counts wrong PINs down, blocks at zero and then refuses the right one', async () => {
    const key = await plugIn();
    const statusWords = [];
    for (let attempt = 0; attempt < 4; attempt++) statusWords.push(await verifyPin(key, WRONG));
    expect(statusWords).toEqual(['63c2', '63c1', '63c0', '6983']);
    expect(await verifyPin(key)).toBe('6983');
    expect(await statusOf(key, EMPTY_VERIFY)).toBe('6983');
  });

  it('gives all attempts back for the right PIN', async () => {
    const key = await plugIn();
    await verifyPin(key, WRONG);
    await verifyPin(key, WRONG);
    expect(await verifyPin(key)).toBe('9000');
    expect(key.exportState().pin).toMatchObject({ attemptsLeft: 3, attemptsTotal: 3 });
  });

  it('without data tells the attempts left and costs none, and 9000 once verified', async () => {
    const key = await plugIn();
    await verifyPin(key, WRONG);
    expect(await statusOf(key, EMPTY_VERIFY)).toBe('63c2');
    expect(await statusOf(key, EMPTY_VERIFY)).toBe('63c2');
    await verifyPin(key);
    expect(await statusOf(key, EMPTY_VERIFY)).toBe('9000');
  });

  it.each([
    ['a wrong PIN', `0020008008${WRONG}`],
    ['P1 FF', '0020ff80'],
    ['SELECT', '00a4040005a000000308'],
  ])('is undone by %s', async (_, apdu) => {
    const key = await plugIn();
    await verifyPin(key);
    await send(key, apdu);
    expect(await statusOf(key, EMPTY_VERIFY)).toMatch(/^63c/);
  });

  it('is undone by a reset of the card', async () => {
    const key = await plugIn();
    await verifyPin(key);
    key.reset();
    await selectPiv(key);
    expect(await statusOf(key, EMPTY_VERIFY)).toBe('63c3');
  });

  it.each([
    ['a PIN of seven bytes', `0020008007${PIN.slice(0, 14)}`, '6a80'],
    ['the PUK', `0020008108${PUK}`, '6a88'],
    ['the global PIN', `0020000008${PIN}`, '6a88'],
    ['another P1', `0020018008${PIN}`, '6a86'],
  ])('refuses %s and costs no attempt', async (_, apdu, statusWord) => {
    const key = await plugIn();
    expect(await statusOf(key, apdu)).toBe(statusWord);
    expect(key.exportState().pin.attemptsLeft).toBe(3);
  });
});

describe('CHANGE REFERENCE DATA', () => {
  it.each([
    ['PIN', '80', PIN, 'pin'],
    ['PUK', '81', PUK, 'puk'],
  ] as const)('replaces the %s and blocks after three wrong ones', async (_, reference, current, name) => {
    const key = await plugIn();
    expect(await statusOf(key, `002400${reference}10${current}${NEW_PIN}`)).toBe('9000');
    expect(key.exportState()[name].value).toBe(NEW_PIN);
    const again = `002400${reference}10${current}${NEW_PIN}`;
    expect([await statusOf(key, again), await statusOf(key, again), await statusOf(key, again), await statusOf(key, again)]).toEqual(['63c2', '63c1', '63c0', '6983']);
  });

  it('does not open what VERIFY opens', async () => {
    const key = await plugIn();
    await statusOf(key, `0024008010${PIN}${NEW_PIN}`);
    expect(await statusOf(key, EMPTY_VERIFY)).toBe('63c3');
  });

  it.each([
    ['five characters', '3132333435ffffff', '6a80', '5.4.3'],
    ['padding alone', 'ffffffffffffffff', '6a80', '5.4.3'],
    ['characters beyond ASCII from 5.7 on', 'c3a4c3a4c3a4ffff', '6a80', '5.7.1'],
    ['fifteen bytes', '3132333435ffff', '6a80', '5.4.3'],
  ])('refuses a new PIN of %s', async (_, next, statusWord, firmware) => {
    const key = await plugIn({ firmware });
    const length = (8 + next.length / 2).toString(16).padStart(2, '0');
    expect(await statusOf(key, `00240080${length}${PIN}${next}`)).toBe(statusWord);
    expect(key.exportState().pin).toMatchObject({ value: PIN, attemptsLeft: 3 });
  });

  it('takes characters beyond ASCII before 5.7', async () => {
    const key = await plugIn();
    expect(await statusOf(key, `0024008010${PIN}c3a4c3a4c3a4ffff`)).toBe('9000');
  });

  it.each([
    ['of one repeated character', '373737373737ffff'],
    ['that everybody uses', '363534333231ffff'],
  ])('refuses a PIN %s on a FIPS key of 5.7', async (_, next) => {
    const key = await plugIn({ firmware: '5.7.1', fips: true });
    expect(await statusOf(key, `0024008010${PIN}${next}`)).toBe('6985');
    expect(await statusOf(key, `0024008010${PIN}${OWNERS.PIN}`)).toBe('9000');
  });

  it('refuses a PIN or PUK of less than eight characters on a FIPS key of 5.7', async () => {
    const key = await plugIn({ firmware: '5.7.1', fips: true });
    expect(await statusOf(key, `0024008010${PIN}38343032373536ff`)).toBe('6985');
    expect(await statusOf(key, `0024008110${PUK}38343032373536ff`)).toBe('6985');
    expect(await statusOf(key, `002c008010${PUK}38343032373536ff`)).toBe('6985');
    expect(key.exportState()).toMatchObject({ pin: { value: PIN, attemptsLeft: 3 }, puk: { value: PUK, attemptsLeft: 3 } });
  });
});

describe('RESET RETRY COUNTER', () => {
  it('unblocks the PIN with the PUK', async () => {
    const key = await plugIn();
    for (let attempt = 0; attempt < 3; attempt++) await verifyPin(key, WRONG);
    expect(await statusOf(key, `002c008010${PUK}${NEW_PIN}`)).toBe('9000');
    expect(await verifyPin(key, NEW_PIN)).toBe('9000');
  });

  it('counts wrong PUKs and blocks the PUK', async () => {
    const key = await plugIn();
    const apdu = `002c008010${WRONG}${NEW_PIN}`;
    expect([await statusOf(key, apdu), await statusOf(key, apdu), await statusOf(key, apdu), await statusOf(key, apdu)]).toEqual(['63c2', '63c1', '63c0', '6983']);
    expect(await statusOf(key, `002c008010${PUK}${NEW_PIN}`)).toBe('6983');
    expect(await verifyPin(key)).toBe('9000');
  });

  it('refuses a new PIN that is too short and keeps the old one blocked', async () => {
    const key = await plugIn();
    for (let attempt = 0; attempt < 3; attempt++) await verifyPin(key, WRONG);
    expect(await statusOf(key, `002c008010${PUK}31ffffffffffffff`)).toBe('6a80');
    expect(await verifyPin(key)).toBe('6983');
  });
});

describe('SET PIN RETRIES', () => {
  it('wants the management key and the PIN', async () => {
    const key = await plugIn();
    expect(await statusOf(key, '00fa0508')).toBe('6982');
    await authenticate(key);
    expect(await statusOf(key, '00fa0508')).toBe('6982');
    await verifyPin(key);
    expect(await statusOf(key, '00fa0508')).toBe('9000');
  });

  it('makes PIN and PUK factory values again, with the new counts', async () => {
    const key = await plugIn();
    await statusOf(key, `0024008010${PIN}${NEW_PIN}`);
    await authenticate(key);
    await verifyPin(key, NEW_PIN);
    await statusOf(key, '00fa1402');
    expect(key.exportState().pin).toEqual({ value: PIN, attemptsLeft: 20, attemptsTotal: 20 });
    expect(key.exportState().puk).toEqual({ value: PUK, attemptsLeft: 2, attemptsTotal: 2 });
    expect(await statusOf(key, EMPTY_VERIFY), 'four bits hold no more than 15').toBe('63cf');
  });

  it('refuses a count of zero', async () => {
    const key = await plugIn();
    await authenticate(key);
    await verifyPin(key);
    expect(await statusOf(key, '00fa0003')).toBe('6a86');
  });
});
