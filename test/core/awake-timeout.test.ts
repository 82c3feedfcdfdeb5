import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { awakeTimeout } from '../../core/awake-timeout.ts';

/** How much the clock has gone on while nothing ran, as in a process that is stopped. */
let asleep = 0;

beforeEach(() => {
  vi.useFakeTimers();
  asleep = 0;
  const awake = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => awake() + asleep);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it.each([20, 400, 10_000, 180_000])('%i ms awake: calls back after as long, and not before', (limit) => {
  const callback = vi.fn();
  awakeTimeout(limit, callback);
  vi.advanceTimersByTime(limit - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(limit * 2);
  expect(callback).toHaveBeenCalledOnce();
});

it('a night asleep does not count, wherever it falls', () => {
  for (const before of [0, 5000, 9999]) {
    const callback = vi.fn();
    awakeTimeout(10_000, callback);
    vi.advanceTimersByTime(before);
    asleep += 8 * 3_600_000;
    vi.advanceTimersByTime(1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000 - before + 1000);
    expect(callback).toHaveBeenCalledOnce();
  }
});

it('a computer that is merely busy gets no more time', () => {
  const callback = vi.fn();
  awakeTimeout(10_000, callback);
  for (let slice = 0; slice < 10; slice++) {
    asleep += 1500;
    vi.advanceTimersByTime(1000);
  }
  expect(callback).toHaveBeenCalledOnce();
});

it('ended, it does not call back', () => {
  const callback = vi.fn();
  const stop = awakeTimeout(10_000, callback);
  vi.advanceTimersByTime(5000);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(callback).not.toHaveBeenCalled();
});
