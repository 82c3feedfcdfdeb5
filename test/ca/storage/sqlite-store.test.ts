import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../ca/storage/sqlite-schema.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';
import type { Store, StoredCertificate, StoredRequest } from '../../../ca/storage/store.ts';

let folder: string;
let path: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'));
  path = join(folder, 'test.sqlite');
  store = openSqliteStore(path);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const AT = new Date('2026-03-01T12:00:00.123Z');
function request(id: string, more: Partial<StoredRequest> = {}): StoredRequest {
  return {
    id,
    csr: Uint8Array.of(1, 2, 3),
    csrSha256: `csr of ${id}`,
    publicKeySha256: 'key',
    status: 'pending',
    submittedAt: AT,
    submittedFrom: '127.0.0.1',
    verified: { keyType: 'ECCP256', attestation: null, attestationProblem: 'missing' },
    claimed: { name: 'Añá', email: null, otherNames: ['uri:x:y'], invitedAs: null },
    words: ['a', 'b', 'c', 'd'],
    role: 'user',
    invitationId: null,
    decision: null,
    ...more,
  };
}
function certificate(serialNumber: string, requestId: string | null): StoredCertificate {
  return { serialNumber, requestId, profile: 'person', role: 'user', name: 'Añá', tbs: Uint8Array.of(4), certificate: null, madeAt: AT, expiresAt: AT };
}

describe('rows', () => {
  test('come back as they went in', async () => {
    const decided = request('one', { status: 'denied', decision: { by: 'Bo', at: AT, reason: 'no' } });
    await store.write(async (rows) => {
      await rows.addRequest(decided);
      await rows.addCertificate(certificate('01', 'one'));
    });
    expect(await store.read((rows) => rows.request('one'))).toEqual({ request: decided, certificate: certificate('01', 'one') });
    expect(await store.read((rows) => rows.requests(10))).toEqual([{ request: decided, certificate: certificate('01', 'one') }]);
    expect(await store.read((rows) => rows.request('two'))).toBeUndefined();
  });

  test('a serial number is there once', async () => {
    await store.write((rows) => rows.addCertificate(certificate('01', null)));
    await expect(store.write((rows) => rows.addCertificate(certificate('01', null)))).rejects.toThrow(/UNIQUE/);
  });

  test('a request has one certificate', async () => {
    await store.write(async (rows) => {
      await rows.addRequest(request('one'));
      await rows.addCertificate(certificate('01', 'one'));
    });
    await expect(store.write((rows) => rows.addCertificate(certificate('02', 'one')))).rejects.toThrow(/UNIQUE/);
  });

  test('a certificate belongs to a request that is there', async () => {
    await expect(store.write((rows) => rows.addCertificate(certificate('01', 'nobody')))).rejects.toThrow(/FOREIGN KEY/);
  });

  test('a CSR is there once, but for denied ones', async () => {
    await store.write((rows) => rows.addRequest(request('one', { csrSha256: 'same', status: 'denied' })));
    await store.write((rows) => rows.addRequest(request('two', { csrSha256: 'same' })));
    await expect(store.write((rows) => rows.addRequest(request('three', { csrSha256: 'same' })))).rejects.toThrow(/UNIQUE/);
    expect((await store.read((rows) => rows.requestByCsr('same')))?.id).toBe('two');
  });

  test('a certificate is set once', async () => {
    await store.write((rows) => rows.addCertificate(certificate('01', null)));
    expect(await store.write((rows) => rows.setCertificate('01', Uint8Array.of(1)))).toBe(true);
    expect(await store.write((rows) => rows.setCertificate('01', Uint8Array.of(2)))).toBe(false);
    expect((await store.read((rows) => rows.certificate('01')))?.certificate).toEqual(Uint8Array.of(1));
  });

  test('a status changes from what it is', async () => {
    await store.write((rows) => rows.addRequest(request('one')));
    expect(await store.write((rows) => rows.changeStatus('one', 'approved', 'issued'))).toBe(false);
    expect(await store.write((rows) => rows.changeStatus('one', 'pending', 'approved', { by: 'Bo', at: AT, reason: null }))).toBe(true);
    expect(await store.read((rows) => rows.unissuedRequests())).toEqual(['one']);
  });

  test('a challenge is taken once, and expires', async () => {
    const challenge = { id: 'c', challenge: Uint8Array.of(7), expiresAt: AT };
    await store.write((rows) => rows.addChallenge(challenge));
    expect(await store.write((rows) => rows.takeChallenge('c'))).toEqual(challenge);
    expect(await store.write((rows) => rows.takeChallenge('c'))).toBeUndefined();
    await store.write((rows) => rows.addChallenge(challenge));
    await store.write((rows) => rows.removeExpired(AT));
    expect(await store.write((rows) => rows.takeChallenge('c'))).toBeUndefined();
  });
});

describe('transactions', () => {
  test('a write that throws leaves nothing', async () => {
    const failing = store.write(async (rows) => {
      await rows.addRequest(request('one'));
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await store.read((rows) => rows.request('one'))).toBeUndefined();
    await store.write((rows) => rows.addRequest(request('one')));
  });

  test('writes wait for each other, also across awaits and connections', async () => {
    const other = openSqliteStore(path);
    const count = async (from: Store): Promise<void> =>
      from.write(async (rows) => {
        const before = Number((await rows.setting('address')) ?? '0');
        await new Promise((resolve) => setImmediate(resolve));
        await rows.setSetting('address', String(before + 1));
      });
    await Promise.all(Array.from({ length: 80 }, (_, index) => count(index % 2 === 0 ? store : other)));
    await other.close();
    expect(await store.read((rows) => rows.setting('address'))).toBe('80');
  });
});

describe('the file', () => {
  test('is in WAL mode with synchronous writes', async () => {
    const database = new Database(path);
    expect(database.pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    database.close();
  });

  test('knows its version, and a newer one is refused', async () => {
    const database = new Database(path);
    expect(database.pragma('user_version')).toMatchObject([{ user_version: MIGRATIONS.length }]);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    expect(() => openSqliteStore(path)).toThrow(/newer version/);
  });
});
