import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EnrolledCertificate } from '../../core/enrollment/state.ts';
import { success } from '../../core/result.ts';
import { knownKeysHandlers } from '../../electron/main/handlers/known-keys.ts';
import { KnownKeys } from '../../electron/main/known-keys.ts';
import { exampleKey } from '../core/enrollment/example-facts.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'latchkey-known-'))));
afterEach(() => rm(folder, { recursive: true }));

const key = exampleKey({ serial: 1 });
const certificate: EnrolledCertificate = {
  name: 'Ana Example',
  email: 'ana@example.org',
  authorityName: 'Home CA',
  serialNumber: '01',
  validFrom: new Date('2026-03-01T10:00:00Z'),
  validTo: new Date('2027-03-01T10:00:00Z'),
};

function open() {
  const time = { now: new Date('2026-03-01T10:00:05Z') };
  const tell = vi.fn();
  const notes: string[] = [];
  const known = new KnownKeys({ path: join(folder, 'known-keys.json'), now: () => time.now, tell, log: { note: (line) => void notes.push(line), bug: () => ({ kind: 'unexpected', id: '1' }) } });
  return { known, tell, notes, time };
}

const noted = { serial: 1, model: 'YubiKey 5C', formFactor: 'usb-c-keychain', name: 'Ana Example', email: 'ana@example.org', authorityName: 'Home CA', validFrom: certificate.validFrom, expiresAt: certificate.validTo, enrolledAt: new Date('2026-03-01T10:00:05Z') };

test('a key that was enrolled is known at the next start, for its owner only', async () => {
  const { known, tell } = open();
  expect(await known.list()).toEqual([]);
  await known.note(key, certificate);
  expect(tell).toHaveBeenCalledExactlyOnceWith('knownKeys.changed', [noted]);
  expect(await open().known.list()).toEqual([noted]);
  expect((await stat(join(folder, 'known-keys.json'))).mode & 0o777).toBe(0o600);
});

test('looking at an enrolled key again changes nothing', async () => {
  const { known, tell, time } = open();
  await known.note(key, certificate);
  const written = await readFile(join(folder, 'known-keys.json'), 'utf8');
  time.now = new Date('2026-06-01T10:00:00Z');
  await known.note(key, certificate);
  expect(tell).toHaveBeenCalledOnce();
  expect(await readFile(join(folder, 'known-keys.json'), 'utf8')).toBe(written);
});

test('renewed, a key keeps its age; for somebody else it is new', async () => {
  const { known, time } = open();
  await known.note(key, certificate);
  time.now = new Date('2027-02-01T10:00:00Z');
  await known.note(key, { ...certificate, validTo: new Date('2028-02-01T10:00:00Z') });
  expect(await known.list()).toEqual([{ ...noted, expiresAt: new Date('2028-02-01T10:00:00Z') }]);
  await known.note(key, { ...certificate, name: 'Bo Example' });
  expect(await known.list()).toEqual([{ ...noted, name: 'Bo Example', enrolledAt: time.now }]);
});

test('keys that are enrolled at the same time are both known', async () => {
  const { known } = open();
  await Promise.all([known.note(key, certificate), known.note(exampleKey({ serial: 2, formFactor: null }), { ...certificate, email: null })]);
  expect((await open().known.list()).map(({ serial }) => serial)).toEqual([1, 2]);
});

test('a key that tells no serial cannot be noted', async () => {
  const { known, tell } = open();
  await known.note(exampleKey({ serial: null }), certificate);
  expect([await known.list(), tell.mock.calls]).toEqual([[], []]);
});

test('a name of any length is read again', async () => {
  await open().known.note(key, { ...certificate, name: 'A'.repeat(5000) });
  expect(await open().known.list()).toHaveLength(1);
});

test('is forgotten on request, and told once', async () => {
  const { known, tell } = open();
  const handlers = knownKeysHandlers(known);
  await known.note(key, certificate);
  expect(await handlers['knownKeys.forget']({ serial: 99 })).toEqual(success(null));
  expect(await handlers['knownKeys.forget']({ serial: 1 })).toEqual(success(null));
  expect(await handlers['knownKeys.list']({})).toEqual(success([]));
  expect(tell).toHaveBeenCalledTimes(2);
  expect(await open().known.list()).toEqual([]);
});

test.each(['', '{}', '[{"serial":1}]'])('an unreadable list is put aside: %s', async (text) => {
  await writeFile(join(folder, 'known-keys.json'), text);
  const { known, notes } = open();
  expect(await known.list()).toEqual([]);
  expect(await readdir(folder)).toEqual(['known-keys.json.unreadable']);
  expect(notes).toHaveLength(1);
});
