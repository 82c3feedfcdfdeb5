/** The store in one SQLite file. */
import Database from 'libsql';
import { MIGRATIONS } from './sqlite-schema.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import type { Store, StoreReader, StoreWriter } from './store.ts';

export type SqliteDatabase = InstanceType<typeof Database>;

/**
 * Another process (`latchkey ca invite`, a second server) may be writing: wait for it rather than fail. SQLite itself waits
 * by blocking the whole process, so it does that only while it opens; afterwards the waiting is done here.
 */
const OPEN_BUSY_MS = 10_000;
const BUSY_MS = 10_000;
const BUSY_POLL_MS = 5;

/**
 * WAL with synchronous=FULL: a commit has reached the disk when it returns, and survives kill -9 and loss of power
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). The default of WAL, NORMAL, may lose the last commits.
 */
function open(path: string): SqliteDatabase {
  const database = new Database(path);
  database.pragma(`busy_timeout = ${OPEN_BUSY_MS}`);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  return database;
}

function userVersion(database: SqliteDatabase): number {
  const row = database.prepare('PRAGMA user_version').get([]) as { user_version: number };
  return row.user_version;
}

function migrate(database: SqliteDatabase): void {
  // A look first, without the lock: it is up to date but for the first start after an update.
  if (userVersion(database) === MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = userVersion(database);
    if (version > MIGRATIONS.length) throw new Error(`The database is of a newer version (${version}) than this program knows (${MIGRATIONS.length}).`);
    for (const script of MIGRATIONS.slice(version)) database.exec(script);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Begins a transaction; where the file is locked it tries again until {@link BUSY_MS} have passed. */
async function begin(database: SqliteDatabase, kind: 'DEFERRED' | 'IMMEDIATE'): Promise<void> {
  for (const end = Date.now() + BUSY_MS; ; ) {
    try {
      database.exec(`BEGIN ${kind}`);
      // A deferred transaction gets its snapshot, and its chance to be refused, with the first row.
      userVersion(database);
      return;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      if (!isBusy(error) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_POLL_MS));
    }
  }
}

/** Opens the file, or makes it, and brings its tables up to date. Throws where it cannot. */
export function openSqliteStore(path: string): Store {
  const database = open(path);
  migrate(database);
  database.pragma('busy_timeout = 0');
  const reader = new SqliteReader(database);
  const writer = new SqliteWriter(database);
  // One connection has one transaction at a time, so they queue up here.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(kind: 'DEFERRED' | 'IMMEDIATE', work: () => Promise<T>): Promise<T> {
    const turn = last.then(async () => {
      await begin(database, kind);
      try {
        const result = await work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  }
  return {
    read: <T>(work: (rows: StoreReader) => Promise<T>) => inTurn('DEFERRED', () => work(reader)),
    // IMMEDIATE takes the write lock first: a transaction that read before it writes cannot fail half-way for another's write.
    write: <T>(work: (rows: StoreWriter) => Promise<T>) => inTurn('IMMEDIATE', () => work(writer)),
    close: async () => {
      await last;
      database.close();
    },
  };
}
