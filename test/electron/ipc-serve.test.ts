import { describe, expect, test, vi } from 'vitest';
import { CALLS } from '../../core/ipc.ts';
import { answerCall, isOwnPage, type Handlers } from '../../electron/main/ipc-serve.ts';
import type { Log } from '../../electron/main/log.ts';

vi.mock('electron', () => ({ ipcMain: {} }));

function setUp(handlers: Partial<Handlers>) {
  const logged: string[] = [];
  const log: Log = { note: (line) => logged.push(line), bug: (where, error) => (logged.push(`${where}: ${String(error)}`), { kind: 'unexpected', id: '00c0ffee' }) };
  return { logged, answer: (name: unknown, args: unknown) => answerCall({ handlers: async () => handlers as Handlers, log }, name, args) };
}

const refused = { ok: false, failure: { kind: 'unexpected', id: '00c0ffee' } };
const readerName = 'Yubico YubiKey 00 00';

describe('arguments', () => {
  test('reach the handler parsed', async () => {
    const deny = vi.fn(() => Promise.resolve({ ok: false as const, failure: { kind: 'request-unknown' as const } }));
    const { answer } = setUp({ 'queue.decide': deny });
    const of = { decision: 'deny', requestId: '0'.repeat(32), csrSha256: '0'.repeat(64) };
    const asked = { pin: '123456', decisions: [{ ...of, reason: '  not known here ' }] };
    expect(await answer('queue.decide', asked)).toEqual({ ok: false, failure: { kind: 'request-unknown' } });
    expect(deny).toHaveBeenCalledExactlyOnceWith({ pin: '123456', decisions: [{ ...of, reason: 'not known here' }] });
  });

  test.each([
    ['no arguments', 'enrollment.begin', undefined],
    ['another type', 'enrollment.begin', { readerName: 7 }],
    ['one too many', 'enrollment.begin', { readerName, path: '/etc/passwd' }],
    ['one too many among the answers', 'enrollment.answer', { readerName, answers: { managementKey: '00' } }],
    ['a request id that is a path', 'queue.approve', { requestId: '../../etc/passwd'.padEnd(32, '0') }],
    ['an empty reason', 'queue.deny', { requestId: '0'.repeat(32), reason: '   ' }],
    ['a PIN of 65 characters', 'queue.signIn', { readerName, pin: '1'.repeat(65) }],
    ['something where nothing belongs', 'queue.signOut', { now: true }],
  ])('are refused: %s', async (_what, name, args) => {
    const handler = vi.fn();
    const { answer, logged } = setUp({ [name]: handler });
    expect(await answer(name, args)).toEqual(refused);
    expect(handler).not.toHaveBeenCalled();
    expect(logged).toHaveLength(1);
  });

  test('are not logged: they may hold a PIN', async () => {
    const { answer, logged } = setUp({ 'queue.signIn': vi.fn() });
    await answer('queue.signIn', { readerName: '', pin: '482915'.repeat(20) });
    expect(logged.join()).not.toContain('482915');
  });
});

describe('calls', () => {
  test.each(['keys.format', 'toString', '__proto__', 'constructor', '', 7, null])('that nobody defined are refused: %s', async (name) => {
    const { answer } = setUp({});
    expect(await answer(name, {})).toEqual(refused);
  });

  test('whose handler throws are answered by an id, and the error is logged', async () => {
    const { answer, logged } = setUp({ 'queue.signOut': () => Promise.reject(new TypeError('x is undefined')) });
    expect(await answer('queue.signOut', {})).toEqual(refused);
    expect(logged.join()).toContain('x is undefined');
  });

  test('have a parser that refuses what it does not know', () => {
    for (const [name, parser] of Object.entries(CALLS)) expect(parser.safeParse({ notDefined: 1 }).success, name).toBe(false);
  });
});

describe('the page that asks', () => {
  const origin = 'app://latchkey';
  test.each([
    ['our window', { url: 'app://latchkey/index.html', parent: null }, true],
    ['a page inside it', { url: 'app://latchkey/index.html', parent: {} }, false],
    ['another of our pages', { url: 'app://panel/panel.html', parent: null }, false],
    ['a longer name', { url: 'app://latchkey.example/index.html', parent: null }, false],
    ['another scheme', { url: 'https://latchkey/index.html', parent: null }, false],
    ['a file', { url: 'file:///app://latchkey/', parent: null }, false],
  ])('is %s', (_what, frame, isOurs) => {
    expect(isOwnPage(frame as Parameters<typeof isOwnPage>[0], origin)).toBe(isOurs);
  });
  test('is gone', () => expect(isOwnPage(null, origin)).toBe(false));
});
