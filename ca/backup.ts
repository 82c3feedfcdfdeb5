/**
 * `ca backup` and `ca restore`: one file with everything of a CA, made while the server runs, for either database.
 * It is gzip of JSON lines: a header, the files of the folder, every row, and last the SHA-256 of all lines before it. Keys
 * in it are as in the folder: encrypted, or not there.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { fromBase64, toBase64 } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { record } from './domain/audit.ts';
import { OPERATOR_ACTOR } from './domain/context.ts';
import { errorCode, FOLDER, folderIsTaken, syncFolder } from './folder.ts';
import { dumpedRows } from './storage/dumped-rows.ts';
import { openStore, type StorePlace } from './storage/open-store.ts';
import type { SqlValue } from './storage/sql-connection.ts';
import type { Store } from './storage/store.ts';
import type { TableRow } from './storage/table-copy.ts';

const FORMAT = 'latchkey-backup-1';
/** Longer lines are of another program: the longest of ours is a CRL. */
const MAX_LINE = 512 * 1024 * 1024;

const valueLine = z.union([z.string(), z.number(), z.null(), z.object({ base64: z.string() })]);
const backupLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('header'), format: z.literal(FORMAT), at: z.string() }),
  z.object({ kind: z.literal('file'), path: z.string(), mode: z.number().int(), base64: z.string() }),
  z.object({ kind: z.literal('row'), table: z.string(), row: z.record(z.string(), valueLine) }),
  z.object({ kind: z.literal('end'), sha256: z.string() }),
]);
type BackupLine = z.infer<typeof backupLine>;

export interface BackupFacts {
  readonly files: number;
  readonly rows: number;
}

function toLine(value: SqlValue): z.infer<typeof valueLine> {
  return value instanceof Uint8Array ? { base64: toBase64(value) } : value;
}

function fromLine(value: z.infer<typeof valueLine>): SqlValue {
  return typeof value === 'object' && value !== null ? fromBase64(value.base64) : value;
}

/** Files of the folder with their paths in it, but for the database. */
async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(dir, join(entry.parentPath, entry.name)));
  return files.filter((path) => !path.startsWith(FOLDER.database)).toSorted();
}

/** The lines of a backup but the last, with what they are counted in. */
async function* backupLines(dir: string, store: Store, at: Date, counted: { files: number; rows: number }): AsyncGenerator<BackupLine> {
  yield { kind: 'header', format: FORMAT, at: at.toISOString() };
  for (const path of await filesIn(dir)) {
    counted.files += 1;
    const { mode } = await stat(join(dir, path));
    yield { kind: 'file', path: path.split(sep).join('/'), mode: mode & 0o777, base64: toBase64(new Uint8Array(await readFile(join(dir, path)))) };
  }
  for await (const { table, row } of dumpedRows(store)) {
    counted.rows += 1;
    yield { kind: 'row', table, row: Object.fromEntries(Object.entries(row).map(([column, value]) => [column, toLine(value)])) };
  }
}

/** As text, and with the hash of it all behind. */
async function* hashed(lines: AsyncIterable<BackupLine>): AsyncGenerator<string> {
  const hash = createHash('sha256');
  for await (const line of lines) {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    yield text;
  }
  yield `${JSON.stringify({ kind: 'end', sha256: hash.digest('hex') })}\n`;
}

async function writeBackup(path: string, dir: string, store: Store, at: Date): Promise<BackupFacts> {
  const counted = { files: 0, rows: 0 };
  const lines = Readable.from(hashed(backupLines(dir, store, at, counted)));
  await pipeline(lines, createGzip(), createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  return counted;
}

/**
 * Writes the backup beside its place and moves it there, readable by this user alone. The server may run meanwhile.
 * Fails with authority-folder-missing, file-unwritable, store-unreachable, store-newer.
 */
export async function backUp(wanted: { readonly dir: string; readonly place: StorePlace; readonly to: string; readonly at: Date }): Promise<Result<BackupFacts>> {
  const { dir, place, to, at } = wanted;
  if (!(await folderIsTaken(dir))) return failed({ kind: 'authority-folder-missing', path: dir });
  const store = await openStore(place);
  if (!store.ok) return store;
  const draft = join(dirname(resolve(to)), `.${basename(to)}-${process.pid}`);
  try {
    const facts = await writeBackup(draft, dir, store.value, at);
    await rename(draft, to);
    await syncFolder(dirname(resolve(to)));
    return success(facts);
  } catch (error) {
    await rm(draft, { force: true });
    const code = errorCode(error);
    if (code === undefined) throw error;
    return failed({ kind: 'file-unwritable', path: to, detail: code });
  } finally {
    await store.value.close();
  }
}

class BackupError extends Error {}

/** Lines of a gzip file. An error of the file or of gzip is thrown here. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  const stream = createReadStream(path);
  const unzipped = createGunzip();
  stream.on('error', (error) => unzipped.destroy(error));
  for await (const chunk of stream.pipe(unzipped)) {
    const parts = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE) throw new BackupError('a line is too long');
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** The lines of a backup; throws {@link BackupError} where it is none, is cut off, or was changed. */
async function* readBackup(path: string): AsyncGenerator<BackupLine> {
  const hash = createHash('sha256');
  let isFirst = true;
  for await (const text of linesOf(path)) {
    let line: BackupLine;
    try {
      line = backupLine.parse(JSON.parse(text));
    } catch {
      throw new BackupError(isFirst ? 'it is no backup of this program' : 'a line cannot be read');
    }
    if (isFirst && line.kind !== 'header') throw new BackupError('it is no backup of this program');
    isFirst = false;
    if (line.kind === 'end') {
      if (line.sha256 !== hash.digest('hex')) throw new BackupError('its hash is another one');
      return;
    }
    hash.update(`${text}\n`);
    yield line;
  }
  throw new BackupError('its end is missing');
}

/** Reads the whole file once before anything is made of it. Fails with backup-unreadable. */
async function checkBackup(path: string): Promise<Result<BackupFacts>> {
  let [files, rows] = [0, 0];
  try {
    for await (const line of readBackup(path)) {
      if (line.kind === 'row') rows += 1;
      if (line.kind !== 'file') continue;
      const target = resolve('/', line.path);
      if (`/${line.path}` !== target.split(sep).join('/')) throw new BackupError('a file would lie outside of the folder');
      files += 1;
    }
    return success({ files, rows });
  } catch (error) {
    const detail = error instanceof BackupError ? error.message : (errorCode(error) ?? 'it cannot be read');
    return failed({ kind: 'backup-unreadable', path, detail });
  }
}

async function* rowsOf(path: string): AsyncGenerator<TableRow> {
  for await (const line of readBackup(path)) {
    if (line.kind === 'row') yield { table: line.table, row: Object.fromEntries(Object.entries(line.row).map(([column, value]) => [column, fromLine(value)])) };
  }
}

async function writeFiles(path: string, dir: string): Promise<void> {
  for await (const line of readBackup(path)) {
    if (line.kind !== 'file') continue;
    const target = join(dir, line.path);
    await mkdir(dirname(target), { recursive: true });
    const file = await open(target, 'wx', 0o600);
    await file.writeFile(fromBase64(line.base64));
    await file.sync();
    await file.close();
    await chmod(target, line.mode);
  }
}

/** Puts the rows of a backup into a store that is empty, and says so in its audit log. Fails with store-not-empty. */
async function restoreRows(from: string, store: Store, address: string, at: Date): Promise<Result<void>> {
  if ((await store.load(rowsOf(from))) === null) return failed({ kind: 'store-not-empty', address });
  await store.write((rows) => record(rows, { event: 'store-restored', actor: OPERATOR_ACTOR, at, subject: '' }));
  return success(undefined);
}

/**
 * Makes the folder, and fills the store, of a backup: the folder must not be there and the store be empty. Whatever fails,
 * the folder is not there afterwards. Fails with authority-folder-exists, backup-unreadable, store-not-empty,
 * store-unreachable, file-unwritable.
 */
export async function restore(wanted: { readonly from: string; readonly dir: string; readonly database?: string; readonly at: Date }): Promise<Result<BackupFacts>> {
  const { from, dir, database, at } = wanted;
  if (await folderIsTaken(dir)) return failed({ kind: 'authority-folder-exists', path: dir });
  const checked = await checkBackup(from);
  if (!checked.ok) return checked;
  const draft = join(dirname(resolve(dir)), `.${basename(resolve(dir))}-${process.pid}`);
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    await writeFiles(from, draft);
    const store = await openStore(database === undefined ? { folder: draft } : { url: database });
    if (!store.ok) return store;
    try {
      const restored = await restoreRows(from, store.value, database === undefined ? dir : 'the database', at);
      if (!restored.ok) return restored;
    } finally {
      await store.value.close();
    }
    await rename(draft, dir);
    await syncFolder(dirname(resolve(dir)));
    return checked;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return failed(code === 'ENOTEMPTY' || code === 'EEXIST' ? { kind: 'authority-folder-exists', path: dir } : { kind: 'file-unwritable', path: dir, detail: code });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
