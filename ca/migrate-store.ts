/** `ca migrate`: the rows of an embedded CA into an empty PostgreSQL. */
import { failed, success, type Result } from '../core/result.ts';
import { record } from './domain/audit.ts';
import { OPERATOR_ACTOR } from './domain/context.ts';
import { dumpedRows } from './storage/dumped-rows.ts';
import { openStore } from './storage/open-store.ts';
import { withoutPassword } from './storage/postgres-store.ts';

/** How many rows of each table were copied. */
export type CopiedRows = Readonly<Record<string, number>>;

/**
 * Copies everything and compares how many rows each table has. The server must not run meanwhile: what it writes would stay
 * behind. The SQLite file is left as it is. Fails with store-unreachable, store-newer, store-not-empty.
 */
export async function migrateStore(wanted: { readonly dir: string; readonly to: string; readonly at: Date }): Promise<Result<CopiedRows>> {
  const source = await openStore({ folder: wanted.dir });
  if (!source.ok) return source;
  const target = await openStore({ url: wanted.to });
  if (!target.ok) {
    await source.value.close();
    return target;
  }
  try {
    const copied = await target.value.load(dumpedRows(source.value));
    if (copied === null) return failed({ kind: 'store-not-empty', address: withoutPassword(wanted.to) });
    const wantedCounts = await source.value.counts();
    const missing = Object.entries(wantedCounts).filter(([table, count]) => copied[table] !== count);
    if (missing.length > 0) throw new Error(`Rows were lost on the way: ${missing.map(([table]) => table).join(', ')}. Was the server running?`);
    await target.value.write((rows) => record(rows, { event: 'store-migrated', actor: OPERATOR_ACTOR, at: wanted.at, subject: '' }));
    return success(copied);
  } finally {
    await source.value.close();
    await target.value.close();
  }
}
