import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { approve, authenticate, exchange, generate, OWNERS, PIN, plugIn, PUK, send, statusOf, tlv, verifyPin } from './host.ts';

const FIPS = { firmware: '5.7.1', fips: true } as const;
const GET_PRINTED = '00cb3fff055c035fc10900';

/** Whether READ CONFIG says that PIV is approved (tag 15). */
async function saysApproved(key: VirtualYubiKey): Promise<boolean> {
  await send(key, '00a4040008a000000527471117');
  return (await send(key, '001d000000')).data.includes('15020010');
}

describe('a FIPS key of 5.7', () => {
  it.each([
    ['PIN', [`0024008010${PIN}${OWNERS.PIN}`]],
    ['PIN and PUK', [`0024008010${PIN}${OWNERS.PIN}`, `0024008110${PUK}${OWNERS.PUK}`]],
  ])('makes, takes and opens nothing while only the %s is the owner\'s', async (_, changes) => {
    const key = await plugIn(FIPS);
    for (const change of changes) expect(await statusOf(key, change)).toBe('9000');
    await authenticate(key, '0a');
    await verifyPin(key, OWNERS.PIN);
    expect((await generate(key)).statusWord).toBe('6985');
    const { d = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    expect((await exchange(key, '00fe119a', tlv('06', Buffer.from(d, 'base64url').toString('hex')))).statusWord).toBe('6985');
    expect(await statusOf(key, GET_PRINTED)).toBe('6985');
    expect(Object.keys(key.exportState().keys)).toEqual(['f9']);
    expect(await saysApproved(key)).toBe(false);
  });

  it('is a usual key once all three are', async () => {
    const key = await plugIn(FIPS);
    await approve(key);
    expect((await generate(key)).statusWord).toBe('9000');
    expect(await statusOf(key, GET_PRINTED)).toBe('6a82');
    expect(await saysApproved(key)).toBe(true);
  });
});

it('no other key has such a mode', async () => {
  for (const options of [{ firmware: '5.4.3', fips: true }, { firmware: '5.7.1' }]) {
    const key = await plugIn(options);
    await authenticate(key, options.firmware === '5.7.1' ? '0a' : '03');
    expect((await generate(key)).statusWord).toBe('9000');
  }
});
