import { afterEach, describe, expect, it, vi } from 'vitest';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { authenticate, generate, plugIn, sign, statusOf, verifyPin } from './host.ts';

const DIGEST = '11'.repeat(32);

/** A key in 9a with this touch policy byte; the PIN is verified. */
async function touchKey(policy: string, options: Parameters<typeof plugIn>[0] = {}): Promise<VirtualYubiKey> {
  const key = await plugIn(options);
  await authenticate(key);
  await generate(key, '9a', '11', `ab01${policy}`);
  await verifyPin(key);
  return key;
}

/** The next time the key blinks. */
function blinking(key: VirtualYubiKey): Promise<void> {
  return new Promise((resolve) => {
    const stop = key.watch(({ isWaitingForTouch }) => {
      if (!isWaitingForTouch) return;
      stop();
      resolve();
    });
  });
}

const use = async (key: VirtualYubiKey): Promise<string> => (await sign(key, '9a', '11', DIGEST)).statusWord;

afterEach(() => {
  vi.useRealTimers();
});

describe('touch', () => {
  it('is waited for, and lets one use through', async () => {
    const key = await touchKey('02');
    for (let time = 0; time < 2; time++) {
      const blinks = blinking(key);
      const used = use(key);
      await blinks;
      expect(key.status.isWaitingForTouch).toBe(true);
      expect(key.touch()).toBe(true);
      expect(await used).toBe('9000');
      expect(key.status.isWaitingForTouch).toBe(false);
    }
  });

  it('does not count before it is wanted', async () => {
    const key = await touchKey('02', { touchTimeLimitMs: 1 });
    expect(key.touch()).toBe(false);
    expect(await use(key)).toBe('6982');
  });

  it('is given up after 15 seconds with 6982', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const key = await touchKey('02');
    const blinks = blinking(key);
    const used = use(key);
    await blinks;
    await vi.advanceTimersByTimeAsync(14_999);
    expect(key.status.isWaitingForTouch).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(await used).toBe('6982');
  });

  it('counts for 15 seconds under policy "cached"', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const key = await touchKey('03');
    const blinks = blinking(key);
    const used = use(key);
    await blinks;
    key.touch();
    expect(await used).toBe('9000');
    await vi.advanceTimersByTimeAsync(14_000);
    expect(await use(key)).toBe('9000');
    await vi.advanceTimersByTimeAsync(2_000);
    const again = blinking(key);
    const late = use(key);
    await again;
    key.touch();
    expect(await late).toBe('9000');
  });

  it('happens by itself with autoTouch, and costs no card time', async () => {
    const key = await touchKey('02', { autoTouch: true });
    expect([await use(key), await use(key)]).toEqual(['9000', '9000']);
  });

  it('is not asked for without the PIN', async () => {
    const key = await touchKey('02');
    await statusOf(key, '0020ff80');
    expect(await use(key)).toBe('6982');
  });

  it('is wanted by the management key where its policy says so', async () => {
    const key = await plugIn();
    await authenticate(key);
    await statusOf(key, `00fffffe1b039b18${'0123456789abcdef'.repeat(3)}`);
    const blinks = blinking(key);
    const authenticated = authenticate(key, '03', '0123456789abcdef'.repeat(3));
    await blinks;
    key.touch();
    expect(await authenticated).toBe('9000');
  });

  it('ends when the key is pulled', async () => {
    const key = await touchKey('02');
    const blinks = blinking(key);
    const used = use(key);
    await blinks;
    key.powerOff();
    await expect(used).rejects.toMatchObject({ problem: 'removed' });
    expect(key.status).toEqual({ isPluggedIn: false, isWaitingForTouch: false });
  });

  it('is not felt where the contact is broken', async () => {
    const key = await touchKey('02', { touchTimeLimitMs: 30, autoTouch: true, faults: { isTouchBroken: true } });
    const blinks = blinking(key);
    const used = use(key);
    await blinks;
    expect(key.touch()).toBe(false);
    expect(await used).toBe('6982');
  });

  it('is counted apart from card time', async () => {
    const key = await touchKey('02', { touchTimeLimitMs: 60 });
    await use(key);
    const { apdus, cardMs, touchMs } = key.statistics;
    expect(apdus).toBe(6);
    expect(touchMs).toBeGreaterThan(50);
    expect(cardMs).toBeGreaterThan(0);
  });
});
