/** What the CA does by itself: by one process at a time, taken over when that one is gone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackgroundWork, type Work } from '../../../ca/background-work.ts';
import type { Context } from '../../../ca/domain/context.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';
import type { Store } from '../../../ca/storage/store.ts';

let folder: string;
let stores: Store[];
let now: Date;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-work-'));
  stores = [];
  now = new Date('2026-05-01T00:00:00Z');
  logged = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Another process on the same database: a store, and the parts of a context that the work needs. */
function process(): Context {
  const store = openSqliteStore(join(folder, 'latchkey.sqlite'));
  stores.push(store);
  return { store, clock: () => now, log: (_level: string, event: string) => void logged.push(event) } as unknown as Context;
}
function counting(everySeconds = 60): { readonly work: Work; readonly done: () => number } {
  let done = 0;
  return { work: { name: 'counting', everySeconds, run: async () => void done++ }, done: () => done };
}
const later = (seconds: number): void => void (now = new Date(now.getTime() + seconds * 1000));

test('is done by one of two, when it is due', async () => {
  const { work, done } = counting();
  const [one, two] = [new BackgroundWork(process(), [work]), new BackgroundWork(process(), [work])];
  await one.look();
  await two.look();
  await one.look();
  expect(done()).toBe(1);
  later(61);
  await one.look();
  expect(done()).toBe(2);
});

test('is taken over when the other is gone without a word, and at once when it ended well', async () => {
  const { work, done } = counting(10);
  const [one, two, three] = [new BackgroundWork(process(), [work]), new BackgroundWork(process(), [work]), new BackgroundWork(process(), [work])];
  await one.look();
  later(20);
  await two.look();
  expect(done()).toBe(1);
  later(11);
  await two.look();
  expect(done()).toBe(2);
  await two.stop();
  await three.look();
  expect(done()).toBe(3);
});

test('a work that fails is told, and keeps nothing else from being done', async () => {
  const { work, done } = counting();
  const failing: Work = { name: 'failing', everySeconds: 60, run: () => Promise.reject(new Error('on purpose')) };
  const background = new BackgroundWork(process(), [failing, work]);
  await background.look();
  expect(done()).toBe(1);
  expect(logged).toEqual(['background-work-failed']);
  expect([...background.counts]).toEqual([
    ['failing', { done: 0, failed: 1 }],
    ['counting', { done: 1, failed: 0 }],
  ]);
});
