import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CareRecord } from '../../core/key-care/care-record.ts';
import { careRecordsIn } from '../../electron/main/care-records.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'latchkey-care-records-'))));
afterEach(() => rm(folder, { recursive: true }));

const record: CareRecord = { serial: 5_210_001, action: 'retries', startedAt: new Date('2026-03-01T10:00:00Z'), open: ['PUK'] };

test('come back in another run, one a serial, for their owner only', async () => {
  const records = careRecordsIn(join(folder, 'care'));
  expect(await records.read(record.serial)).toBeNull();
  await records.write(record);
  await records.write({ ...record, serial: 7, action: 'reset' });
  expect(await careRecordsIn(join(folder, 'care')).read(record.serial)).toEqual(record);
  expect(await readdir(join(folder, 'care'))).toEqual(['5210001.json', '7.json']);
  expect((await stat(join(folder, 'care', '7.json'))).mode & 0o777).toBe(0o600);
});

test('go, and go again', async () => {
  const records = careRecordsIn(folder);
  await records.write(record);
  await records.remove(record.serial);
  await records.remove(record.serial);
  expect(await records.read(record.serial)).toBeNull();
});

test.each(['', '{', '{"serial":1}', 'null'])('one that cannot be read is none: %s', async (text) => {
  await writeFile(join(folder, '5210001.json'), text);
  expect(await careRecordsIn(folder).read(record.serial)).toBeNull();
});
