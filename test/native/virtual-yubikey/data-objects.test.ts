import { describe, expect, it } from 'vitest';
import { authenticate, exchange, plugIn, send, statusOf, tlv, verifyPin } from './host.ts';

const get = (tag: string): string => `00cb3fff${(tag.length / 2 + 2).toString(16).padStart(2, '0')}${tlv('5c', tag)}00`;

describe('GET DATA', () => {
  it('answers the discovery object, which names the PIV PIN only', async () => {
    expect(await send(await plugIn(), get('7e'))).toEqual({ data: '7e124f0ba0000003080000100001005f2f024000', statusWord: '9000' });
  });

  it.each([
    ['an object that was never written', get('5fc105'), '6a82'],
    ['a malformed tag list', '00cb3fff035c055f00', '6a80'],
    ['another P1', '00cb3eff055c035fc10500', '6a86'],
    ['Printed Information without the PIN', get('5fc109'), '6982'],
    ['fingerprints without the PIN', get('5fc103'), '6982'],
    ['the face without the PIN', get('5fc108'), '6982'],
    ['the iris without the PIN', get('5fc121'), '6982'],
  ])('refuses %s', async (_, apdu, statusWord) => {
    expect(await statusOf(await plugIn(), apdu)).toBe(statusWord);
  });

  it('reads Printed Information with the PIN', async () => {
    const key = await plugIn();
    await authenticate(key);
    await exchange(key, '00db3fff', tlv('5c', '5fc109') + tlv('53', '8800'));
    expect(await statusOf(key, get('5fc109'))).toBe('6982');
    await verifyPin(key);
    expect(await send(key, get('5fc109'))).toEqual({ data: '53028800', statusWord: '9000' });
  });
});

describe('PUT DATA', () => {
  it('wants the management key', async () => {
    const key = await plugIn();
    await verifyPin(key);
    expect((await exchange(key, '00db3fff', tlv('5c', '5fc105') + tlv('53', '7000'))).statusWord).toBe('6982');
  });

  it('writes, overwrites and, with an empty value, deletes', async () => {
    const key = await plugIn();
    await authenticate(key);
    for (const value of ['01', '02']) await exchange(key, '00db3fff', tlv('5c', '5fff00') + tlv('53', value));
    expect((await send(key, get('5fff00'))).data).toBe('530102');
    expect((await exchange(key, '00db3fff', tlv('5c', '5fff00') + '5300')).statusWord).toBe('9000');
    expect(await statusOf(key, get('5fff00'))).toBe('6a82');
  });

  it.each([
    ['the discovery object', tlv('5c', '7e') + tlv('53', '01'), '6a80'],
    ['an object outside PIV and Yubico', tlv('5c', '600000') + tlv('53', '01'), '6a80'],
    ['a missing value', tlv('5c', '5fc105'), '6a80'],
    ['another tag for the value', tlv('5c', '5fc105') + tlv('54', '01'), '6a80'],
    ['more than the value', tlv('5c', '5fc105') + tlv('53', '01') + tlv('53', '01'), '6a80'],
    ['more than 3052 bytes', tlv('5c', '5fc105') + tlv('53', '00'.repeat(3053)), '6a84'],
    ['more than a command carries', tlv('5c', '5fc105') + tlv('53', '00'.repeat(3070)), '6700'],
  ])('refuses %s', async (_, data, statusWord) => {
    const key = await plugIn();
    await authenticate(key);
    expect((await exchange(key, '00db3fff', data)).statusWord).toBe(statusWord);
  });

  it('ends when the memory is full', async () => {
    const key = await plugIn();
    await authenticate(key);
    const statusWords = [];
    for (let number = 0; number < 18; number++) {
      statusWords.push((await exchange(key, '00db3fff', tlv('5c', `5fff${(0x10 + number).toString(16)}`) + tlv('53', '00'.repeat(3052)))).statusWord);
    }
    expect(statusWords).toEqual([...Array<string>(16).fill('9000'), '6a84', '6a84']);
  });
});
