import { expect, test } from 'vitest';
import { GroupCommit } from '../../../ca/storage/group-commit.ts';
import type { SqlTransactions } from '../../../ca/storage/sql-connection.ts';

/** Writes down what the database is told; fails where it is told to. */
class Told implements SqlTransactions {
  readonly statements: string[] = [];
  failsAt: string | null = null;

  async begin(): Promise<void> {
    this.statements.push('BEGIN');
  }

  async execute(sql: string): Promise<void> {
    this.statements.push(sql);
    if (sql === this.failsAt) throw new Error('the disk is full');
  }
}

const commits = (told: Told): number => told.statements.filter((statement) => statement === 'COMMIT').length;

test('works that wait together are committed together, in their order', async () => {
  const told = new Told();
  const group = new GroupCommit(told);
  const done: number[] = [];
  await Promise.all([1, 2, 3].map((number) => group.run(async () => void done.push(number))));
  expect(done).toEqual([1, 2, 3]);
  expect(commits(told)).toBe(1);
});

test('one after the other, however soon the next one comes after the one before', async () => {
  const told = new Told();
  const group = new GroupCommit(told);
  for (let delay = 0; delay < 12; delay++) {
    const first = group.run(async () => 'first');
    await first;
    for (let turn = 0; turn < delay; turn++) await Promise.resolve();
    expect(await group.run(async () => 'next')).toBe('next');
  }
  await group.idle();
  expect(commits(told)).toBe(24);
});

test('one that throws is rolled back alone', async () => {
  const told = new Told();
  const group = new GroupCommit(told);
  const outcomes = await Promise.allSettled([group.run(async () => 1), group.run(() => Promise.reject(new Error('no'))), group.run(async () => 3)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(told.statements.filter((statement) => statement.startsWith('ROLLBACK'))).toEqual(['ROLLBACK TO SAVEPOINT work']);
  expect(commits(told)).toBe(1);
});

test('where the commit fails nobody is told that it worked, and the next ones go on', async () => {
  const told = new Told();
  const group = new GroupCommit(told);
  told.failsAt = 'COMMIT';
  const outcomes = await Promise.allSettled([group.run(async () => 1), group.run(async () => 2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  told.failsAt = null;
  expect(await group.run(async () => 4)).toBe(4);
});

test('the event loop goes on while there is always something to write', async () => {
  const group = new GroupCommit(new Told());
  const timers: string[] = [];
  setTimeout(() => timers.push('rang'), 10);
  const start = performance.now();
  while (timers.length === 0 && performance.now() - start < 2000) await group.run(async () => undefined);
  expect(timers).toEqual(['rang']);
});
