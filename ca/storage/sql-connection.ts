/** What the store needs of a database: statements with `?` for values, the same for SQLite and PostgreSQL. */

/** Dates are milliseconds since 1970, facts are JSON text, hashes lower-case hex. */
export type SqlValue = string | number | Uint8Array | null;

/** Rows as the driver answers them; sql-rows.ts reads them. */
export type SqlRow = Readonly<Record<string, unknown>>;

export interface SqlConnection {
  all(sql: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** How many rows changed. */
  run(sql: string, values: readonly SqlValue[]): Promise<number>;
}

/** A connection on which works are written one after the other: group-commit.ts. */
export interface SqlTransactions {
  /** Takes the lock of all writers, and waits for it. */
  begin(): Promise<void>;
  /** SAVEPOINT, RELEASE, ROLLBACK TO, COMMIT, ROLLBACK. */
  execute(sql: string): Promise<void>;
}
