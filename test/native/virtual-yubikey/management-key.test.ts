import { describe, expect, it } from 'vitest';
import { authenticate, encryptBlock, exchange, MANAGEMENT_KEY, plugIn, send, statusOf, tlv } from './host.ts';
import type { AlgorithmByte } from './host.ts';

const GENERATE = '0047009a05ac03800111';
const NEW_KEYS: Readonly<Record<AlgorithmByte, string>> = {
  '03': '0123456789abcdef89abcdef0123456776543210fedcba98',
  '08': '000102030405060708090a0b0c0d0e0f',
  '0a': '000102030405060708090a0b0c0d0e0f1011121314151617',
  '0c': '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
};

function setManagementKey(algorithm: string, value: string, p2 = 'ff'): string {
  const data = algorithm + tlv('9b', value);
  return `00ffff${p2}${(data.length / 2).toString(16).padStart(2, '0')}${data}`;
}

describe('authentication with the management key', () => {
  it('is mutual by a witness, and opens what needs it', async () => {
    const key = await plugIn();
    expect(await statusOf(key, GENERATE)).toBe('6982');
    expect(await authenticate(key)).toBe('9000');
    expect(await statusOf(key, GENERATE)).toBe('9000');
  });

  it('works by a challenge of the card alone, and by the name 00 for 3DES', async () => {
    const key = await plugIn();
    const { data } = await send(key, '0087009b047c02810000');
    const response = encryptBlock('03', MANAGEMENT_KEY, Buffer.from(data.slice(8), 'hex')).toString('hex');
    expect(await statusOf(key, `0087009b0c${tlv('7c', tlv('82', response))}`)).toBe('9000');
    expect(await statusOf(key, GENERATE)).toBe('9000');
  });

  it('refuses another key, closes what was open, and never blocks', async () => {
    const key = await plugIn();
    await authenticate(key);
    for (let attempt = 0; attempt < 20; attempt++) expect(await authenticate(key, '03', NEW_KEYS['03'])).toBe('6982');
    expect(await statusOf(key, GENERATE)).toBe('6982');
    expect(await authenticate(key)).toBe('9000');
  });

  it('takes an answer once only', async () => {
    const key = await plugIn();
    const { data } = await send(key, '0087039b047c02810000');
    const response = `0087039b0c${tlv('7c', tlv('82', encryptBlock('03', MANAGEMENT_KEY, Buffer.from(data.slice(8), 'hex')).toString('hex')))}`;
    expect(await statusOf(key, response)).toBe('9000');
    expect(await statusOf(key, response)).toBe('6a80');
    expect(await statusOf(key, GENERATE)).toBe('6982');
  });

  it('wants its own algorithm', async () => {
    expect(await authenticate(await plugIn(), '0a')).toBe('6a80');
    expect(await authenticate(await plugIn({ firmware: '5.7.1' }), '03')).toBe('6a80');
    expect(await authenticate(await plugIn({ firmware: '5.7.1' }), '0a')).toBe('9000');
  });

  it.each([
    ['SELECT', '00a4040005a000000308'],
    ['SELECT of another application', '00a4040008a000000527471117'],
  ])('ends with %s', async (_, apdu) => {
    const key = await plugIn();
    await authenticate(key);
    await send(key, apdu);
    await send(key, '00a4040005a000000308');
    expect(await statusOf(key, GENERATE)).toBe('6982');
  });

  it.each(['7c', '7c00', '7d028000', '7c0280', '7c028100ff', ''])('refuses the template "%s"', async (template) => {
    const key = await plugIn();
    expect((await exchange(key, '0087039b', template)).statusWord).toBe('6a80');
  });
});

describe('SET MANAGEMENT KEY', () => {
  it.each(['03', '08', '0a', '0c'] as const)('changes to algorithm %s from 5.4.2 on', async (algorithm) => {
    const key = await plugIn({ firmware: '5.4.2' });
    expect(await statusOf(key, setManagementKey(algorithm, NEW_KEYS[algorithm])), 'before authentication').toBe('6982');
    await authenticate(key);
    expect(await statusOf(key, setManagementKey(algorithm, NEW_KEYS[algorithm]))).toBe('9000');
    await send(key, '00a4040005a000000308');
    expect(await authenticate(key, algorithm, NEW_KEYS[algorithm])).toBe('9000');
  });

  it.each([
    ['AES before 5.4.2', '5.2.4', false, setManagementKey('0a', NEW_KEYS['0a']), '6a80'],
    ['3DES on a FIPS key of 5.7', '5.7.1', true, setManagementKey('03', NEW_KEYS['03']), '6a80'],
    ['a key of the wrong length', '5.4.3', false, setManagementKey('08', NEW_KEYS['0a']), '6a80'],
    ['a length byte that lies', '5.4.3', false, `00ffffff13039b18${NEW_KEYS['08']}`, '6a80'],
    ['another key reference', '5.4.3', false, setManagementKey('03', NEW_KEYS['03']).replace('9b18', '9a18'), '6a80'],
    ['an unknown algorithm', '5.4.3', false, setManagementKey('04', NEW_KEYS['03']), '6a80'],
    ['a weak DES key', '5.4.3', false, setManagementKey('03', `${'01'.repeat(8)}${NEW_KEYS['03'].slice(16)}`), '6a80'],
    ['a touch policy that does not exist', '5.4.3', false, setManagementKey('03', NEW_KEYS['03'], 'fc'), '6a86'],
  ])('refuses %s', async (_, firmware, fips, apdu, statusWord) => {
    const key = await plugIn({ firmware, fips });
    expect(await authenticate(key, firmware === '5.7.1' ? '0a' : '03')).toBe('9000');
    expect(await statusOf(key, apdu)).toBe(statusWord);
    expect(key.exportState().managementKey.value).toBe(MANAGEMENT_KEY);
  });
});
