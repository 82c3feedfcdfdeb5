/** Backup, restore and the move to PostgreSQL, of a CA that runs and has a history. */
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backUp, restore } from '../../ca/backup.ts';
import { hashOf } from '../../ca/domain/audit.ts';
import { silent } from '../../ca/log.ts';
import { migrateStore } from '../../ca/migrate-store.ts';
import { startAuthorityServer } from '../../ca/server.ts';
import { openStore, type StorePlace } from '../../ca/storage/open-store.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { PASSPHRASE } from './passphrase.ts';
import { startPostgres, type PostgresServer } from '../../scripts/private-postgres.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from './running-authority.ts';

let folder: string;
let authority: TestAuthority;
let postgres: PostgresServer;
let certificateOfAna: Uint8Array;
let ana: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-backup-'));
  [authority, postgres] = await Promise.all([startTestAuthority(), startPostgres()]);
  await firstApprover(authority);
  ana = await person({ attestedBy: authority.chain });
  const code = await authority.invite('approver');
  certificateOfAna = must(await authority.client.submit(ana.csr, code)).certificate ?? new Uint8Array();
  must(await authority.client.submit((await person({ name: 'Cy Example', email: 'cy@example.org' })).csr));
});
afterAll(async () => {
  await authority.close();
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
});

const at = new Date();
const counts = async (place: StorePlace) => {
  const store = must(await openStore(place));
  const found = await store.counts();
  await store.close();
  return found;
};

async function chainIsWhole(place: StorePlace): Promise<void> {
  const store = must(await openStore(place));
  const events = await store.read((rows) => rows.auditEventsFrom(1, 1000));
  await store.close();
  expect(events.length).toBeGreaterThan(4);
  events.forEach((event, index) => {
    expect(event.sequence).toBe(index + 1);
    expect(event.hash).toBe(hashOf(event));
    expect(event.previousHash).toBe(events[index - 1]?.hash ?? '0'.repeat(64));
  });
}

describe('a backup', () => {
  test('made while the server runs, restored elsewhere, serves the same CA', async () => {
    const to = join(folder, 'one.backup');
    const made = must(await backUp({ dir: authority.dir, place: { folder: authority.dir }, to, at }));
    expect((await stat(to)).mode & 0o777).toBe(0o600);
    const dir = join(folder, 'restored');
    expect(must(await restore({ from: to, dir, at }))).toEqual(made);
    await chainIsWhole({ folder: dir });
    const server = must(await startAuthorityServer({ dir, passphrase: PASSPHRASE, listen: { host: '127.0.0.1', port: 0 }, log: silent }));
    expect(server.fingerprint).toBe(authority.server.fingerprint);
    expect(server.firstApproverInvitation).toBeNull();
    const found = must(await latchkeyAuthority({ ...authority.pinned, address: server.address }).requestForKey(ana.key.publicKey));
    expect(found?.certificate).toEqual(certificateOfAna);
    await server.close();
  });

  test('holds no key in clear', async () => {
    const to = join(folder, 'two.backup');
    must(await backUp({ dir: authority.dir, place: { folder: authority.dir }, to, at }));
    const text = gunzipSync(await readFile(to)).toString();
    const files = text.split('\n').filter((line) => line.includes('"kind":"file"')).map((line) => Buffer.from((JSON.parse(line) as { base64: string }).base64, 'base64').toString());
    expect(files.join('')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(files.join('')).not.toContain('BEGIN PRIVATE KEY');
  });

  test.each([
    ['cut off', async (path: string) => truncate(path, 2000)],
    ['without its end', async (path: string) => rewrite(path, (text) => text.slice(0, text.lastIndexOf('{"kind":"end"')))],
    ['with a changed row', async (path: string) => rewrite(path, (text) => text.replace('Cy Example', 'Di Example'))],
    ['with a file outside of the folder', async (path: string) => rewrite(path, (text) => text.replace('"path":"ca.crt"', '"path":"../ca.crt"'))],
    ['of another program', async (path: string) => writeFile(path, gzipSync('hello\n'))],
    ['not compressed', async (path: string) => writeFile(path, 'hello\n')],
  ])('%s is refused, and nothing is made', async (_, spoil) => {
    const path = join(folder, 'spoiled.backup');
    must(await backUp({ dir: authority.dir, place: { folder: authority.dir }, to: path, at }));
    await spoil(path);
    const before = await readdir(folder);
    expect(await restore({ from: path, dir: join(folder, 'spoiled'), at })).toMatchObject({ ok: false, failure: { kind: 'backup-unreadable' } });
    expect(await readdir(folder)).toEqual(before);
  });

  test('is not restored over a CA', async () => {
    const to = join(folder, 'three.backup');
    must(await backUp({ dir: authority.dir, place: { folder: authority.dir }, to, at }));
    expect(await restore({ from: to, dir: authority.dir, at })).toMatchObject({ failure: { kind: 'authority-folder-exists' } });
  });
});

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(path)).toString())));
}

describe('PostgreSQL', () => {
  test('takes every row of an embedded CA, once, and goes on numbering', async () => {
    const url = await postgres.database();
    must(await migrateStore({ dir: authority.dir, to: url, at }));
    const [from, to] = [await counts({ folder: authority.dir }), await counts({ url })];
    expect(to).toEqual({ ...from, audit_events: (from['audit_events'] ?? 0) + 1 });
    await chainIsWhole({ url });
    expect(await migrateStore({ dir: authority.dir, to: url, at })).toMatchObject({ failure: { kind: 'store-not-empty' } });
    const store = must(await openStore({ url }));
    const [first] = (await store.read((rows) => rows.requests({ list: 'pending', limit: 1 }))).rows;
    if (first === undefined) throw new Error('nothing waits');
    await store.write((rows) => rows.addRequest({ ...first.request, id: 'f'.repeat(32), csrSha256: 'another' }));
    expect((await store.read((rows) => rows.requestCounts())).pending).toBe(2);
    await store.close();
  });

  test('is backed up and restored as SQLite is, and one into the other', async () => {
    const url = await postgres.database();
    must(await migrateStore({ dir: authority.dir, to: url, at }));
    const to = join(folder, 'postgres.backup');
    must(await backUp({ dir: authority.dir, place: { url }, to, at }));
    const dir = join(folder, 'from-postgres');
    must(await restore({ from: to, dir, at }));
    await chainIsWhole({ folder: dir });
    const other = await postgres.database();
    must(await restore({ from: to, dir: join(folder, 'to-postgres'), database: other, at }));
    expect(await counts({ url: other })).toEqual(await counts({ folder: dir }));
  });
});
