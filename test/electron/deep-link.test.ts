import { describe, expect, test, vi } from 'vitest';
import { linkAmong, OpenedLink } from '../../electron/main/deep-link.ts';

vi.mock('electron', () => ({ app: {} }));

const link = 'latchkey://enroll?ca=https%3A%2F%2F127.0.0.1%3A8443&sha256=00&code=abc';

test.each([
  ['among switches', ['electron', '--no-sandbox', '.build/app', link], link],
  ['in upper case', ['latchkey', 'LATCHKEY://enroll?ca=x'], 'LATCHKEY://enroll?ca=x'],
  ['nowhere', ['latchkey', 'https://example.org', '--user-data-dir=/tmp/latchkey:x'], null],
  ['far too long', ['latchkey', link.padEnd(5000, 'x')], null],
])('finds a link %s', (_where, args, found) => expect(linkAmong(args)).toBe(found));

describe('an opened link', () => {
  test('waits for the window to ask', () => {
    const tell = vi.fn();
    const opened = new OpenedLink(tell);
    opened.open(link);
    expect(tell).not.toHaveBeenCalled();
    expect(opened.take()).toBe(link);
    expect(opened.take()).toBe(null);
  });

  test('is told at once afterwards, and only told', () => {
    const tell = vi.fn();
    const opened = new OpenedLink(tell);
    expect(opened.take()).toBe(null);
    opened.open(link);
    expect(tell).toHaveBeenCalledExactlyOnceWith(link);
    expect(opened.take()).toBe(null);
  });
});
