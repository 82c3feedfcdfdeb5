import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SQLITE_MIGRATIONS } from '../../../ca/storage/sqlite-schema.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';
import { storeContract } from './store-contract.ts';
import { request } from './stored-rows.ts';

const FIRST_RELEASE = fileURLToPath(new URL('../../vectors/first-release/latchkey.sqlite', import.meta.url));

/** Moments at which the power goes. */
const COPIES = 25;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'));
  path = join(folder, 'test.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the store in SQLite', () => {
  storeContract({
    create: async () => {
      const own = mkdtempSync(join(tmpdir(), 'latchkey-store-'));
      return { open: async () => openSqliteStore(join(own, 'test.sqlite')), remove: async () => rmSync(own, { recursive: true, force: true }) };
    },
  });
});

describe('the file', () => {
  test('is in WAL mode', async () => {
    await openSqliteStore(path).close();
    const database = new Database(path);
    expect(database.pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    database.close();
  });

  test('knows its version, and a newer one is refused', async () => {
    await openSqliteStore(path).close();
    const database = new Database(path);
    expect(database.pragma('user_version')).toMatchObject([{ user_version: SQLITE_MIGRATIONS.length }]);
    database.exec(`PRAGMA user_version = ${SQLITE_MIGRATIONS.length + 1}`);
    database.close();
    expect(() => openSqliteStore(path)).toThrow(/newer version/);
  });

  test('copied at any moment, holds every write that had resolved before', async () => {
    const store = openSqliteStore(path);
    let resolved = 0;
    const copies: string[] = [];
    const writing = (async () => {
      while (copies.length < COPIES) {
        await store.write((rows) => rows.addRequest(request(String(resolved))));
        resolved += 1;
      }
    })();
    while (copies.length < COPIES) {
      await new Promise((resolve) => setImmediate(resolve));
      const before = resolved;
      const copy = join(folder, `copy-${copies.length}.sqlite`);
      copies.push(copy);
      // The order in which a power cut would leave them: the log holds what the file does not yet.
      for (const part of ['', '-wal']) if (existsSync(path + part)) copyFileSync(path + part, copy + part);
      const found = openSqliteStore(copy);
      expect((await found.read((rows) => rows.requestCounts())).pending).toBeGreaterThanOrEqual(before);
      await found.close();
    }
    await writing;
    expect(resolved).toBeGreaterThan(5);
    await store.close();
  });
});

describe('a database of the first release', () => {
  test('moves forward without loss', async () => {
    copyFileSync(FIRST_RELEASE, path);
    const old = new Database(path);
    const count = (table: string): unknown => (old.prepare(`SELECT count(*) AS count FROM ${table}`).get([]) as { count: number }).count;
    const before = { requests: count('requests'), certificates: count('certificates'), invitations: count('invitations') };
    const serials = (old.prepare('SELECT serial_number FROM certificates ORDER BY made_at').all([]) as { serial_number: string }[]).map((row) => row.serial_number);
    old.close();
    const store = openSqliteStore(path);
    const pending = await store.read((rows) => rows.requests({ list: 'pending', limit: 9 }));
    const decided = await store.read((rows) => rows.requests({ list: 'decided', limit: 9 }));
    expect(pending.rows.map(({ request: { claimed } }) => claimed.name)).toEqual(['Di Example']);
    expect(decided.rows.map(({ request: { claimed, status } }) => `${claimed.name} ${status}`)).toEqual(['Cy Example denied', 'Ana Example issued', 'Bo Approver issued']);
    expect(pending.rows.length + decided.rows.length).toBe(before.requests);
    expect(await store.read((rows) => rows.requestCounts())).toEqual({ pending: 1, decided: 3 });
    expect((await store.read((rows) => rows.invitations({ limit: 9 }))).rows.length).toBe(before.invitations);
    const found = await Promise.all(serials.map((serial) => store.read((rows) => rows.certificate(serial))));
    expect(found.map((certificate) => certificate?.status)).toEqual(serials.map(() => 'good'));
    const owners = await store.read((rows) => rows.officers(new Date(0)));
    expect(owners.map(({ name, role, email }) => ({ name, role, email }))).toEqual([{ name: 'Bo Approver', role: 'owner', email: 'bo@example.org' }]);
    const ana = decided.rows[1];
    expect(ana?.certificate).toMatchObject({ issuerId: '', email: 'ana@example.org', keySerial: ana?.request.verified.attestation?.serial ?? null });
    await store.write((rows) => rows.adoptIssuer('issuer'));
    expect(await store.read((rows) => rows.certificate(serials[0] ?? ''))).toMatchObject({ issuerId: 'issuer' });
    expect(before.certificates).toBe(serials.length);
    await store.close();
  });
});
