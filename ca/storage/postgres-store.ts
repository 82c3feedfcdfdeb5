/** The store in PostgreSQL, for several processes behind one address. */
import pg from 'pg';
import type { PoolClient } from 'pg';
import { failed, success, type Result } from '../../core/result.ts';
import { GroupCommit } from './group-commit.ts';
import { POSTGRES_MIGRATIONS } from './postgres-schema.ts';
import type { SqlConnection, SqlRow, SqlTransactions, SqlValue } from './sql-connection.ts';
import { SqlReader } from './sql-reader.ts';
import { SqlWriter } from './sql-writer.ts';
import { copyIn, copyOut, countRows, isEmpty, NUMBERED_TABLES } from './table-copy.ts';
import { closable, type Store, type StoreReader, type StoreWriter } from './store.ts';

/** Readers at a time, for one process. */
const MAX_READERS = 8;
const CONNECT_MS = 10_000;
/** Longer than anything here takes; a statement that hangs must not keep the others waiting for ever. */
const STATEMENT_MS = 60_000;
/** "latchkey", as the key of an advisory lock: all writers of this database wait for one another on it. */
const WRITERS_LOCK = 0x6c61_7463_68;

/** `?` as `$1`, `$2` …, and a name by which the server keeps the statement. Values are never in the text. */
interface Translated {
  readonly name: string;
  readonly text: string;
}
const translations = new Map<string, Translated>();

function translated(sql: string): Translated {
  const known = translations.get(sql);
  if (known !== undefined) return known;
  let place = 0;
  const made = { name: `latchkey-${translations.size}`, text: sql.replaceAll('?', () => `$${++place}`) };
  translations.set(sql, made);
  return made;
}

/** BIGINT comes as text by default; all of ours are exact as numbers. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

class PostgresConnection implements SqlConnection {
  constructor(private readonly client: PoolClient) {}

  async #query(sql: string, values: readonly SqlValue[]): Promise<pg.QueryResult<SqlRow>> {
    const parameters = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value));
    return this.client.query<SqlRow>({ ...translated(sql), values: parameters });
  }

  async all(sql: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return (await this.#query(sql, values)).rows;
  }

  async run(sql: string, values: readonly SqlValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }
}

/** The connection that writes: taken from the pool at the first work, and given up for another where it breaks. */
class PostgresTransactions implements SqlTransactions, SqlConnection {
  #client: PoolClient | null = null;
  #connection: PostgresConnection | null = null;

  constructor(private readonly pool: pg.Pool) {}

  async begin(): Promise<void> {
    this.#client ??= await this.pool.connect();
    this.#connection ??= new PostgresConnection(this.#client);
    try {
      await this.#client.query(`BEGIN; SELECT pg_advisory_xact_lock(${WRITERS_LOCK})`);
    } catch (error) {
      this.drop(error);
      throw error;
    }
  }

  async execute(sql: string): Promise<void> {
    if (this.#client === null) throw new Error('The connection to the database was lost.');
    try {
      await this.#client.query(sql);
    } catch (error) {
      if (sql === 'COMMIT' || sql === 'ROLLBACK') this.drop(error);
      throw error;
    }
  }

  all(sql: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#current().all(sql, values);
  }

  run(sql: string, values: readonly SqlValue[]): Promise<number> {
    return this.#current().run(sql, values);
  }

  #current(): PostgresConnection {
    if (this.#connection === null) throw new Error('The connection to the database was lost.');
    return this.#connection;
  }

  /** Closes it, so that the pool makes another one. What was under way in it is rolled back by the server. */
  drop(error?: unknown): void {
    this.#client?.release(error instanceof Error ? error : true);
    this.#client = null;
    this.#connection = null;
  }
}

async function inReadTransaction<T>(pool: pg.Pool, work: (connection: SqlConnection) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await work(new PostgresConnection(client));
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // Not given back: whether it can still be used is not known.
    client.release(true);
    throw error;
  }
}

function goOnNumbering(table: string): string {
  return `SELECT setval(pg_get_serial_sequence('${table}', 'sequence'), coalesce((SELECT max(sequence) FROM ${table}), 0) + 1, false)`;
}

/** Brings the tables up to date, one process at a time. Fails with store-newer. */
async function migrate(pool: pg.Pool): Promise<Result<void>> {
  const known = POSTGRES_MIGRATIONS.length;
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${WRITERS_LOCK}); CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)`);
    const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
    const version = rows[0]?.version ?? 0;
    for (const script of POSTGRES_MIGRATIONS.slice(version)) await client.query(script);
    if (version < known) await client.query(`DELETE FROM schema_version; INSERT INTO schema_version VALUES (${known})`);
    await client.query('COMMIT');
    return version > known ? failed({ kind: 'store-newer', version, known }) : success(undefined);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** Where the database is, without the password. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'postgres://…';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function unreachable(url: string, error: unknown): Result<never> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return failed({ kind: 'store-unreachable', address: withoutPassword(url), ...(code === undefined ? {} : { detail: code }) });
}

/**
 * Connects to "postgres://user@host/database" and brings the tables up to date. TLS and all else as the URL says
 * (`?sslmode=verify-full`); a password may be in PGPASSWORD or a PGPASSFILE instead. Fails with store-unreachable, store-newer.
 */
export async function openPostgresStore(url: string): Promise<Result<Store>> {
  const pool = new pg.Pool({ connectionString: url, max: MAX_READERS + 1, connectionTimeoutMillis: CONNECT_MS, statement_timeout: STATEMENT_MS, application_name: 'latchkey', types });
  // A connection that breaks, idle or at work: what is asked of it next says so, and the pool makes another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const migrated = await migrate(pool);
    if (!migrated.ok) {
      await pool.end();
      return migrated;
    }
  } catch (error) {
    await pool.end();
    return unreachable(url, error);
  }
  const transactions = new PostgresTransactions(pool);
  const writer = new SqlWriter(transactions);
  const writes = new GroupCommit(transactions);
  return success(closable({
    read: <T>(work: (rows: StoreReader) => Promise<T>) => inReadTransaction(pool, (connection) => work(new SqlReader(connection))),
    write: <T>(work: (rows: StoreWriter) => Promise<T>) => writes.run(() => work(writer)),
    dump: (take) =>
      inReadTransaction(pool, async (connection) => {
        for await (const row of copyOut(connection)) await take(row);
      }),
    load: (rows) =>
      writes.run(async () => {
        if (!(await isEmpty(transactions))) return null;
        for await (const row of rows) await copyIn(transactions, row);
        for (const table of NUMBERED_TABLES) await transactions.all(goOnNumbering(table), []);
        return countRows(transactions);
      }),
    counts: () => inReadTransaction(pool, countRows),
    close: async () => {
      await writes.idle();
      transactions.drop();
      await pool.end();
    },
  }));
}
