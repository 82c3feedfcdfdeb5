import { describe, expect, test } from 'vitest';
import { RateLimiter, subscriber } from '../../../ca/http/rate-limits.ts';

describe('a limiter', () => {
  test('lets a burst through, then one for each refill', () => {
    let now = 0;
    const limiter = new RateLimiter(() => ({ burst: 3, perSecond: 0.5 }), () => now);
    expect([1, 2, 3, 4].map(() => limiter.take('a'))).toEqual([0, 0, 0, 2]);
    expect(limiter.take('b')).toBe(0);
    now = 2000;
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 2]);
    now = 1000;
    expect(limiter.take('a')).toBe(2);
  });

  test('follows its limit when that changes', () => {
    let burst = 1;
    let now = 0;
    const limiter = new RateLimiter(() => ({ burst, perSecond: 1 }), () => now);
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 1]);
    burst = 3;
    now = 10_000;
    expect([1, 2, 3, 4].map(() => limiter.take('a'))).toEqual([0, 0, 0, 1]);
  });

  test('looking takes nothing', () => {
    const limiter = new RateLimiter(() => ({ burst: 1, perSecond: 1 }), () => 0);
    expect([limiter.peek('a'), limiter.peek('a'), limiter.take('a'), limiter.peek('a')]).toEqual([0, 0, 0, 1]);
  });

  test('a hundred thousand addresses do not grow it without end', () => {
    const limiter = new RateLimiter(() => ({ burst: 1, perSecond: 1 }), () => 0);
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 100_000; count += 1) limiter.take(`10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s is the subscriber %s', (address, expected) => expect(subscriber(address)).toBe(expected));
