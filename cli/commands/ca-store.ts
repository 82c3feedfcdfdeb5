import { backUp, restore } from '../../ca/backup.ts';
import { migrateStore } from '../../ca/migrate-store.ts';
import type { CommandContext } from '../command.ts';
import { databaseUrl, storePlace, type DatabaseOptions } from '../database-place.ts';
import type { Outcome } from '../failures.ts';

export interface BackupOptions extends DatabaseOptions {
  readonly dir: string;
  readonly to: string;
}

export interface RestoreOptions extends DatabaseOptions {
  readonly from: string;
  readonly dir: string;
}

export interface MigrateOptions extends DatabaseOptions {
  readonly dir: string;
  readonly to?: string;
}

/** `latchkey ca backup` */
export async function backup(_: CommandContext, options: BackupOptions): Promise<Outcome> {
  const { dir, to } = options;
  const made = await backUp({ dir, place: await storePlace(dir, options), to, at: new Date() });
  if (!made.ok) return made;
  return { ok: true, json: { to, ...made.value }, text: `${to} holds ${made.value.files} files and ${made.value.rows} rows. Whoever has it and the passphrase has the CA.` };
}

/** `latchkey ca restore` */
export async function restoreBackup(_: CommandContext, options: RestoreOptions): Promise<Outcome> {
  const { from, dir } = options;
  const database = await databaseUrl(options);
  const made = await restore({ from, dir, at: new Date(), ...(database === undefined ? {} : { database }) });
  if (!made.ok) return made;
  return { ok: true, json: { dir, ...made.value }, text: `${dir} is the CA of ${from}: ${made.value.files} files, ${made.value.rows} rows. What happened after the backup is not in it.` };
}

/** `latchkey ca migrate` */
export async function migrate(_: CommandContext, options: MigrateOptions): Promise<Outcome> {
  const to = options.to ?? (await databaseUrl(options));
  if (to === undefined) return { ok: false, failure: { kind: 'usage', detail: 'Say where to, with --to or --database-file.' } };
  if (options.to !== undefined && URL.canParse(to) && new URL(to).password !== '') {
    return { ok: false, failure: { kind: 'usage', detail: 'A password on the command line is seen by everybody on this computer. Put the URL into a file and give it with --database-file.' } };
  }
  const copied = await migrateStore({ dir: options.dir, to, at: new Date() });
  if (!copied.ok) return copied;
  const rows = Object.values(copied.value).reduce((sum, count) => sum + count, 0);
  return {
    ok: true,
    json: { rows: copied.value },
    text: `${rows} rows are in the database now. Serve it from there with: latchkey ca serve --database-file FILE\nThe SQLite file in ${options.dir} is as it was, and is not used any more.`,
  };
}
