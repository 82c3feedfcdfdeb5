/** The audit log of a CA with a history: each kind of change to it is found, in its database and in an exported file. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportAudit, issuersOfFolder, verifyAuditFile } from '../../../ca/audit-file.ts';
import { auditLines, verifyAudit } from '../../../ca/domain/audit-verification.ts';
import { hashOf } from '../../../ca/domain/audit.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';
import type { StoredAuditEvent } from '../../../ca/storage/store.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';

let folder: string;
let authority: TestAuthority;
let approverSerial: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-audit-'));
  authority = await startTestAuthority();
  const approver = await firstApprover(authority);
  approverSerial = approver.serialNumber;
  for (const name of ['Ana Example', 'Cy Example']) {
    const { id } = must(await authority.client.submit((await person({ name })).csr));
    must(await approver.approve(id));
  }
  // A graceful end signs what there is.
  await authority.server.close();
});
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

/** The log of a copy of the database after SQL was run on it. */
async function after(sql: string) {
  const path = join(folder, 'copy.sqlite');
  for (const part of ['', '-wal', '-shm']) await rm(path + part, { force: true });
  for (const part of ['', '-wal']) await copyFile(join(authority.dir, `latchkey.sqlite${part}`), path + part);
  const database = new Database(path);
  database.exec(sql);
  database.close();
  const store = openSqliteStore(path);
  const checkpoints = await store.read((rows) => rows.checkpoints());
  const found = await verifyAudit({ events: auditLines(store), checkpoints, ...must(await issuersOfFolder(authority.dir)) });
  await store.close();
  return found;
}

async function events(): Promise<readonly StoredAuditEvent[]> {
  const store = openSqliteStore(join(authority.dir, 'latchkey.sqlite'));
  const found: StoredAuditEvent[] = [];
  for await (const event of auditLines(store)) found.push(event);
  await store.close();
  return found;
}

describe('the log', () => {
  test('says who did what, from where and in which HTTP request', async () => {
    const lines = await events();
    expect(lines.map(({ event }) => event)).toEqual(expect.arrayContaining(['server-started', 'request-submitted', 'invitation-used', 'signed-in', 'request-approved', 'certificate-issued']));
    const approved = lines.findLast(({ event }) => event === 'request-approved');
    expect(approved).toMatchObject({ actor: 'Bo Approver', actorSerialNumber: approverSerial, from: '127.0.0.1', httpRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  test('as it is, is whole and signed to its end', async () => {
    const { length } = await events();
    expect(must(await after(''))).toEqual({ events: length, signedUpTo: length });
  });

  test.each([
    ['a line removed', 'DELETE FROM audit_events WHERE sequence = 4', 4, 'missing'],
    ['a line changed', `UPDATE audit_events SET actor = 'Nobody' WHERE sequence = 3`, 3, 'changed'],
    ['the time of a line changed', 'UPDATE audit_events SET at = at + 1 WHERE sequence = 3', 3, 'changed'],
    ['two lines exchanged', 'UPDATE audit_events SET sequence = -sequence WHERE sequence IN (3, 4); UPDATE audit_events SET sequence = 7 + sequence WHERE sequence < 0', 3, 'changed'],
    ['the beginning cut off', 'DELETE FROM audit_events WHERE sequence = 1', 1, 'missing'],
    ['a checkpoint signed by nobody', `UPDATE audit_checkpoints SET signature = x'00'`, undefined, 'checkpoint'],
  ] as const)('%s is found', async (_, sql, sequence, problem) => {
    const found = await after(sql);
    expect(found).toMatchObject({ ok: false, failure: { kind: 'audit-broken', problem, ...(sequence === undefined ? {} : { sequence }) } });
  });

  test('its end cut off is found', async () => {
    const { length } = await events();
    expect(await after(`DELETE FROM audit_events WHERE sequence > ${length - 2}`)).toMatchObject({ failure: { kind: 'audit-broken', problem: 'end', sequence: length - 1 } });
  });

  test('a line changed with all hashes after it computed anew does not fit the signature', async () => {
    const lines = await events();
    let previousHash = '0'.repeat(64);
    const sql = lines.map((line) => {
      const changed = { ...line, actor: line.sequence === 2 ? 'Nobody' : line.actor, previousHash };
      previousHash = hashOf(changed);
      return `UPDATE audit_events SET actor = '${changed.actor}', previous_hash = '${changed.previousHash}', hash = '${previousHash}' WHERE sequence = ${line.sequence};`;
    });
    expect(await after(sql.join('\n'))).toMatchObject({ failure: { kind: 'audit-broken', problem: 'checkpoint' } });
  });
});

describe('an exported file', () => {
  const file = (): string => join(folder, 'audit.jsonl');
  const certificate = (): string => join(authority.dir, 'ca.crt');
  async function write(change: (lines: string[]) => readonly string[]): Promise<void> {
    const store = openSqliteStore(join(authority.dir, 'latchkey.sqlite'));
    let text = '';
    for await (const line of exportAudit(store)) text += line;
    await store.close();
    await writeFile(file(), `${change(text.trimEnd().split('\n')).join('\n')}\n`);
  }

  test('is verified with the CA’s certificate alone', async () => {
    await write((lines) => lines);
    expect(must(await verifyAuditFile(file(), certificate())).events).toBe((await events()).length);
    expect(await readFile(file(), 'utf8')).toContain('"checkpoint"');
  });

  test.each([
    ['a line removed', (lines: string[]) => lines.toSpliced(3, 1), 'missing'],
    ['a line twice', (lines: string[]) => lines.toSpliced(3, 0, lines[2] ?? ''), 'order'],
    ['a line changed', (lines: string[]) => lines.map((line, at) => (at === 2 ? line.replace('127.0.0.1', '10.0.0.1').replace('"subject":"', '"subject":"x') : line)), 'changed'],
    ['a line that is none', (lines: string[]) => lines.toSpliced(3, 0, 'hello'), 'changed'],
    ['the last event gone, its signature left', (lines: string[]) => lines.toSpliced(-2, 1), 'end'],
  ] as const)('with %s is found out', async (_, change, problem) => {
    await write(change);
    expect(await verifyAuditFile(file(), certificate())).toMatchObject({ ok: false, failure: { kind: 'audit-broken', problem } });
  });

  test('of another CA does not fit', async () => {
    await write((lines) => lines);
    const other = await startTestAuthority();
    expect(await verifyAuditFile(file(), join(other.dir, 'ca.crt'))).toMatchObject({ failure: { kind: 'audit-broken', problem: 'checkpoint' } });
    await other.close();
  });
});
