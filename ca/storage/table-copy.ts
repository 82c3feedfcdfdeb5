/** All rows of a store, taken out from one consistent look and put into an empty one: backups, and the move to another database. */
import type { SqlConnection, SqlRow, SqlValue } from './sql-connection.ts';

/** A row that says which table it is of. */
export interface TableRow {
  readonly table: string;
  readonly row: Readonly<Record<string, SqlValue>>;
}

/** Read page by page where a table grows with the number of people. `order`: unique columns. */
const TABLES: readonly { readonly name: string; readonly isLong: boolean }[] = [
  { name: 'settings', isLong: false },
  { name: 'invitations', isLong: true },
  { name: 'requests', isLong: true },
  { name: 'invitation_uses', isLong: false },
  { name: 'certificates', isLong: true },
  { name: 'statements', isLong: true },
  { name: 'counters', isLong: false },
  { name: 'crls', isLong: false },
  { name: 'audit_events', isLong: true },
  { name: 'audit_checkpoints', isLong: true },
  { name: 'signing_jobs', isLong: true },
];
/** Left out: challenges, sessions and leases, which nobody misses after a minute. */
export const COPIED_TABLES: readonly string[] = TABLES.map(({ name }) => name);
/** What is there from the beginning, and is replaced. */
const PREPARED = 'counters';
const ROWS_AT_A_TIME = 500;

/** libsql answers blobs as Buffer or ArrayBuffer. */
function plain(row: SqlRow): TableRow['row'] {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, value instanceof ArrayBuffer ? new Uint8Array(value) : (value as SqlValue)]));
}

/** Every row; call it inside one read transaction. */
export async function* copyOut(connection: SqlConnection): AsyncGenerator<TableRow> {
  for (const { name, isLong } of TABLES) {
    if (!isLong) {
      for (const row of await connection.all(`SELECT * FROM ${name}`, [])) yield { table: name, row: plain(row) };
      continue;
    }
    for (let last = -1; ; ) {
      const rows = await connection.all(`SELECT * FROM ${name} WHERE sequence > ? ORDER BY sequence LIMIT ${ROWS_AT_A_TIME}`, [last]);
      for (const row of rows) yield { table: name, row: plain(row) };
      if (rows.length < ROWS_AT_A_TIME) break;
      last = Number(rows.at(-1)?.['sequence']);
    }
  }
}

/** Whether anything but what every new store has is in it. */
export async function isEmpty(connection: SqlConnection): Promise<boolean> {
  for (const { name } of TABLES) {
    if (name === PREPARED) continue;
    if ((await connection.all(`SELECT 1 AS found FROM ${name} LIMIT 1`, [])).length > 0) return false;
  }
  return true;
}

/** Puts one row in. Throws for a table or column that this version does not know: the row is of another one. */
export async function copyIn(connection: SqlConnection, { table, row }: TableRow): Promise<void> {
  if (!COPIED_TABLES.includes(table)) throw new Error(`There is no table ${table}.`);
  const columns = Object.keys(row);
  if (columns.some((column) => !/^[a-z0-9_]+$/.test(column))) throw new Error(`The table ${table} has no such column.`);
  const places = columns.map(() => '?').join(', ');
  const upsert = table === PREPARED ? ' ON CONFLICT (name) DO UPDATE SET value = excluded.value' : '';
  await connection.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})${upsert}`, Object.values(row));
}

/** How many rows of each table, to compare two stores. */
export async function countRows(connection: SqlConnection): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { name } of TABLES) counts[name] = Number((await connection.all(`SELECT count(*) AS count FROM ${name}`, []))[0]?.['count']);
  return counts;
}

/** Tables with a running number, which has to go on after the highest that was put in (PostgreSQL does not see that by itself). */
export const NUMBERED_TABLES: readonly string[] = ['invitations', 'requests', 'certificates', 'statements', 'signing_jobs'];
