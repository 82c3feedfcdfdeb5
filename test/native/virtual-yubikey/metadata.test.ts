import { describe, expect, it } from 'vitest';
import { authenticate, exchange, generate, NEW_PIN, PIN, plugIn, PUK, selectPiv, send, statusOf, tlv, verifyPin, WRONG } from './host.ts';

const metadata = (reference: string): string => `00f700${reference}00`;

describe('GET METADATA', () => {
  it('tells factory values and attempts of PIN and PUK', async () => {
    const key = await plugIn();
    expect((await send(key, metadata('80'))).data).toBe('0101ff05010106020303');
    await statusOf(key, `0024008010${PIN}${NEW_PIN}`);
    await statusOf(key, `0024008110${WRONG}${NEW_PIN}`);
    expect((await send(key, metadata('80'))).data).toBe('0101ff05010006020303');
    expect((await send(key, metadata('81'))).data).toBe('0101ff05010106020302');
    await statusOf(key, `0024008010${NEW_PIN}${PIN}`);
    expect((await send(key, metadata('80'))).data, 'the factory PIN by choice').toBe('0101ff05010106020303');
    await statusOf(key, `0024008110${PUK}${NEW_PIN}`);
    expect((await send(key, metadata('81'))).data).toBe('0101ff05010006020303');
  });

  it.each([
    ['5.4.3', '03'],
    ['5.7.1', '0a'],
  ])('tells the management key of %s: algorithm %s', async (firmware, algorithm) => {
    expect((await send(await plugIn({ firmware }), metadata('9b'))).data).toBe(`0101${algorithm}02020001050101`);
  });

  it('tells a changed management key and its touch policy', async () => {
    const key = await plugIn({ autoTouch: true });
    await authenticate(key);
    await statusOf(key, `00fffffe13089b10${'ab'.repeat(16)}`);
    expect((await send(key, metadata('9b'))).data).toBe('01010802020002050100');
  });

  it('tells algorithm, policies, origin and public key of a slot', async () => {
    const key = await plugIn();
    await authenticate(key);
    const made = await generate(key, '9a', '11', 'aa0103ab0102');
    expect((await send(key, metadata('9a'))).data).toBe(`010111020203020301010443${made.data.slice(6)}`);
    await exchange(key, '00fe119c', tlv('06', '11'.repeat(32)));
    expect((await send(key, metadata('9c'))).data).toMatch(/^01011102020301030102/);
  });

  it('tells the loaded attestation key', async () => {
    expect((await exchange(await plugIn(), '00f700f9')).data).toMatch(/^01010702020201030102048201098182010/);
  });

  it.each([
    ['an empty slot', '5.4.3', metadata('9d'), '6a88'],
    ['a reference that does not exist', '5.4.3', metadata('05'), '6a86'],
    ['firmware before 5.3', '5.2.4', metadata('80'), '6d00'],
  ])('refuses %s', async (_, firmware, apdu, statusWord) => {
    expect(await statusOf(await plugIn({ firmware }), apdu)).toBe(statusWord);
  });
});

describe('what the key is', () => {
  it('tells version and serial', async () => {
    const key = await plugIn();
    expect(await send(key, '00fd000000')).toEqual({ data: '050403', statusWord: '9000' });
    expect(await send(key, '00f8000000')).toEqual({ data: '004f7f91', statusWord: '9000' });
    expect(await statusOf(await plugIn({ firmware: '4.3.7' }), '00f8000000')).toBe('6d00');
  });

  it('answers SELECT as YubiKeys do, for any truncation of the identifier', async () => {
    const key = await plugIn();
    const answer = { data: '61114f0600001000010079074f05a000000308', statusWord: '9000' };
    for (const identifier of ['a000000308', 'a00000030800001000', 'a0000003080000100001', 'a000000308000010000100']) {
      expect(await send(key, `00a40400${(identifier.length / 2).toString(16).padStart(2, '0')}${identifier}`)).toEqual(answer);
    }
    for (const identifier of ['a0000003', 'a000000308000010000200', 'a00000030800001000010000', 'a0000005272101']) {
      expect(await statusOf(key, `00a40400${(identifier.length / 2).toString(16).padStart(2, '0')}${identifier}`)).toBe('6a82');
    }
    expect(await statusOf(key, '00a4000005a000000308')).toBe('6a86');
  });

  it.each([
    ['5.4.3', false, '1e0102033b0204004f7f910302001004010305030504030a0100'],
    ['5.7.1', true, '290102033b0204004f7f910302001004018305030507010a01001402001015020000160101'],
    ['4.3.7', false, '0c01013b0204004f7f910a0100'],
  ])('has a management application: %s', async (firmware, fips, info) => {
    const key = await plugIn({ firmware, fips });
    const selected = await send(key, '00a4040008a000000527471117');
    expect(Buffer.from(selected.data, 'hex').toString()).toBe(`Virtual mgr - FW version ${firmware}`);
    const { data } = await send(key, '001d000000');
    expect(data.slice(2)).toBe(info.slice(2));
    expect(Number.parseInt(data.slice(0, 2), 16)).toBe(data.length / 2 - 1);
    expect(await statusOf(key, '00fd000000'), 'PIV is not selected').toBe('6d00');
  });
});

describe('RESET', () => {
  const block = async (key: Awaited<ReturnType<typeof plugIn>>, ...apdus: readonly string[]): Promise<void> => {
    for (const apdu of apdus) for (let attempt = 0; attempt < 3; attempt++) await send(key, apdu);
  };
  const [blockPin, blockPuk] = [`0020008008${WRONG}`, `002c008010${WRONG}${WRONG}`];

  it.each([
    ['neither is blocked', []],
    ['only the PIN is blocked', [blockPin]],
    ['only the PUK is blocked', [blockPuk]],
  ])('is refused while %s', async (_, apdus) => {
    const key = await plugIn();
    await block(key, ...apdus);
    expect(await statusOf(key, '00fb0000')).toBe('6985');
  });

  it('takes everything but the attestation key and its certificate', async () => {
    const key = await plugIn();
    const factory = key.exportState();
    await authenticate(key);
    await verifyPin(key);
    await generate(key);
    await exchange(key, '00db3fff', tlv('5c', '5fc102') + tlv('53', '3000'));
    await statusOf(key, '00fa0505');
    await selectPiv(key);
    await block(key, blockPin, blockPin, blockPuk, blockPuk);
    expect(await statusOf(key, '00fb0000')).toBe('9000');
    expect(key.exportState()).toEqual(factory);
  });
});
