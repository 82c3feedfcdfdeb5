import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enrollmentRecordsIn } from '../../electron/main/enrollment-records.ts';
import type { Log } from '../../electron/main/log.ts';
import { SettingsFile } from '../../electron/main/settings-file.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'latchkey-settings-'))));
afterEach(() => rm(folder, { recursive: true }));

const authority = { address: 'https://127.0.0.1:8443', name: 'Home CA', fingerprint: 'ab'.repeat(32), caCertificate: new Uint8Array([48, 130, 1, 255]) };
const bugs: unknown[] = [];
const log: Log = { note: () => undefined, bug: (_, error) => (bugs.push(error), { kind: 'unexpected', id: '1' }) };
const open = (): Promise<SettingsFile> => SettingsFile.open(join(folder, 'settings.json'), log);

test('a first start knows no CA', async () => {
  const settings = await open();
  expect([settings.authority, settings.invitationCode]).toEqual([null, null]);
});

test('a pinned CA and its invitation are there at the next start, for their owner only', async () => {
  await (await open()).trust(authority, 'one-time-code');
  const again = await open();
  expect([again.authority, again.invitationCode]).toEqual([authority, 'one-time-code']);
  expect((await stat(join(folder, 'settings.json'))).mode & 0o777).toBe(0o600);
  await again.forgetInvitation();
  await again.forgetAuthority();
  expect((await open()).authority).toBe(null);
  expect(await readFile(join(folder, 'settings.json'), 'utf8')).not.toContain('one-time-code');
});

test('the issuers below a pinned root are there at the next start too', async () => {
  const below = { ...authority, issuers: [new Uint8Array([48, 1]), new Uint8Array([48, 2])] };
  await (await open()).trust(below, null);
  expect((await open()).authority).toEqual(below);
});

test('how a CA is asked is there at the next start, and a file from before has a Latchkey CA', async () => {
  const est = { ...authority, protocol: 'est', label: 'devices', serverTrust: 'public' } as const;
  await (await open()).trust(est, null);
  expect((await open()).authority).toEqual(est);
  const before = { version: 1, authority: { ...authority, caCertificate: 'MIIB/w==' }, invitationCode: null };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(before));
  const old = (await open()).authority;
  expect([old?.address, old?.protocol, bugs]).toEqual([authority.address, undefined, []]);
});

test('changes at the same time end in the last one', async () => {
  const settings = await open();
  await Promise.all([settings.trust(authority, 'a'), settings.trust({ ...authority, name: 'Other' }, 'b'), settings.forgetInvitation()]);
  const again = await open();
  expect([again.authority?.name, again.invitationCode]).toEqual(['Other', null]);
});

test.each(['{"version":1,', '{"version":2}', '[]', '{"version":1,"authority":{"address":1},"invitationCode":null}', '{"version":1,"authority":null,"invitationCode":null,"moduleChoice":7}'])('an unreadable file is put aside: %s', async (text) => {
  await writeFile(join(folder, 'settings.json'), text);
  expect((await open()).authority).toBe(null);
  expect(await readdir(folder)).toEqual(['settings.json.unreadable']);
  expect(bugs.length).toBeGreaterThan(0);
});

test('a settings file of the first version, which knows of no module, is read', async () => {
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ version: 1, authority: { ...authority, caCertificate: 'MIIB/w==' }, invitationCode: 'code' }));
  const settings = await open();
  expect([settings.authority, settings.invitationCode, settings.moduleChoice]).toEqual([authority, 'code', 'automatic']);
});

test('a choice of module outlives the CA', async () => {
  const settings = await open();
  await settings.trust(authority, null);
  await settings.chooseModule('/usr/lib/x86_64-linux-gnu/libykcs11.so.2');
  await settings.forgetAuthority();
  expect((await open()).moduleChoice).toBe('/usr/lib/x86_64-linux-gnu/libykcs11.so.2');
});

test('records of enrollments come back, and go', async () => {
  const records = enrollmentRecordsIn(join(folder, 'enrollments'));
  const record = { id: `5210001-${'ab'.repeat(16)}`, keyPair: { kind: 'generating', before: null }, csr: new Uint8Array([1, 2, 3]), request: null } as const;
  expect(await records.read(record.id)).toBe(null);
  await records.write(record);
  expect(await enrollmentRecordsIn(join(folder, 'enrollments')).read(record.id)).toEqual(record);
  await records.remove(record.id);
  await records.remove(record.id);
  expect(await records.read(record.id)).toBe(null);
});
