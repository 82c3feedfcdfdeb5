/** The store in one SQLite file. */
import Database from 'libsql';
import { GroupCommit } from './group-commit.ts';
import type { SqlConnection, SqlRow, SqlTransactions, SqlValue } from './sql-connection.ts';
import { SqlReader } from './sql-reader.ts';
import { SqlWriter } from './sql-writer.ts';
import { SQLITE_MIGRATIONS } from './sqlite-schema.ts';
import { copyIn, copyOut, countRows, isEmpty } from './table-copy.ts';
import { closable, StoreNewerError, type Store, type StoreReader, type StoreWriter } from './store.ts';

type SqliteDatabase = InstanceType<typeof Database>;
type Statement = ReturnType<SqliteDatabase['prepare']>;

/**
 * Another process (`latchkey ca invite`, a second server) may be writing: wait for it rather than fail. SQLite itself waits
 * by blocking the whole process, so it does that only while it opens; afterwards the waiting is done here.
 */
const OPEN_BUSY_MS = 10_000;
const BUSY_MS = 10_000;
const BUSY_POLL_MS = 5;
/** Statements differ by how many values they have; far fewer than this do. */
const MAX_STATEMENTS = 500;

/**
 * WAL with synchronous=FULL: a commit has reached the disk when it returns, and survives kill -9 and loss of power
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). The default of WAL, NORMAL, may lose the last commits.
 */
function open(path: string): SqliteDatabase {
  const database = new Database(path);
  database.pragma(`busy_timeout = ${OPEN_BUSY_MS}`);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // Migrations make tables anew, which would count as deleting what others refer to.
  database.pragma('foreign_keys = OFF');
  return database;
}

function userVersion(database: SqliteDatabase): number {
  const row = database.prepare('PRAGMA user_version').get([]) as { user_version: number };
  return row.user_version;
}

/** Brings the tables up to date. Throws {@link StoreNewerError}. */
function migrate(database: SqliteDatabase): void {
  const known = SQLITE_MIGRATIONS.length;
  // A look first, without the lock: it is up to date but for the first start after an update.
  if (userVersion(database) === known) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = userVersion(database);
    if (version > known) throw new StoreNewerError(version, known);
    for (const script of SQLITE_MIGRATIONS.slice(version)) database.exec(script);
    database.exec(`PRAGMA user_version = ${known}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Statements of one connection, each prepared once. */
class SqliteConnection implements SqlConnection, SqlTransactions {
  readonly #statements = new Map<string, Statement>();

  constructor(readonly database: SqliteDatabase) {}

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  async all(sql: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#prepared(sql).all([...values]) as SqlRow[];
  }

  async run(sql: string, values: readonly SqlValue[]): Promise<number> {
    return this.#prepared(sql).run([...values]).changes;
  }

  async execute(sql: string): Promise<void> {
    this.database.exec(sql);
  }

  /** IMMEDIATE takes the write lock first: what was read before a write cannot be out of date when it is written. */
  begin(): Promise<void> {
    return this.beginAs('IMMEDIATE');
  }

  /** Begins a transaction; where the file is locked it tries again until {@link BUSY_MS} have passed. */
  async beginAs(kind: 'DEFERRED' | 'IMMEDIATE'): Promise<void> {
    for (const end = Date.now() + BUSY_MS; ; ) {
      try {
        this.database.exec(`BEGIN ${kind}`);
        // A deferred transaction gets its snapshot, and its chance to be refused, with the first row.
        userVersion(this.database);
        return;
      } catch (error) {
        if (this.database.inTransaction) this.database.exec('ROLLBACK');
        if (!isBusy(error) || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, BUSY_POLL_MS));
      }
    }
  }
}

/** Looks one after the other: one connection has one transaction at a time. */
class SqliteReads {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: SqliteConnection) {}

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      await this.connection.beginAs('DEFERRED');
      try {
        return await work();
      } finally {
        this.connection.database.exec('COMMIT');
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async idle(): Promise<void> {
    await this.#last;
  }
}

/** Opens the file, or makes it, and brings its tables up to date. Throws {@link StoreNewerError}, or where it cannot be opened. */
export function openSqliteStore(path: string): Store {
  const writing = new SqliteConnection(open(path));
  migrate(writing.database);
  // A connection of its own: in WAL readers do not wait for the writer.
  const reading = new SqliteConnection(open(path));
  for (const { database } of [writing, reading]) database.pragma('busy_timeout = 0');
  const reader = new SqlReader(reading);
  const writer = new SqlWriter(writing);
  const reads = new SqliteReads(reading);
  const writes = new GroupCommit(writing);
  return closable({
    read: <T>(work: (rows: StoreReader) => Promise<T>) => reads.run(() => work(reader)),
    write: <T>(work: (rows: StoreWriter) => Promise<T>) => writes.run(() => work(writer)),
    dump: (take) =>
      reads.run(async () => {
        for await (const row of copyOut(reading)) await take(row);
      }),
    load: (rows) =>
      writes.run(async () => {
        if (!(await isEmpty(writing))) return null;
        for await (const row of rows) await copyIn(writing, row);
        return countRows(writing);
      }),
    counts: () => reads.run(() => countRows(reading)),
    close: async () => {
      await Promise.all([reads.idle(), writes.idle()]);
      reading.database.close();
      writing.database.close();
    },
  });
}
