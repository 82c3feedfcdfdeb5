/** Where the rows of a CA are: in its folder, or where a file or the environment says. A URL may hold a password, so it is no argument. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { StorePlace } from '../ca/storage/open-store.ts';
import { CommandStopped } from './failures.ts';

export interface DatabaseOptions {
  readonly databaseFile?: string;
}

/** Adds `--database-file`. */
export function addDatabaseOption(command: Command): Command {
  return command.option('--database-file <file>', 'file with the URL of a PostgreSQL database; otherwise LATCHKEY_DATABASE, then SQLite in the folder');
}

/** "postgres://…" from the first line of the file, or from LATCHKEY_DATABASE; undefined: SQLite in the folder. Stops with file-unreadable, usage. */
export async function databaseUrl({ databaseFile }: DatabaseOptions): Promise<string | undefined> {
  const text = databaseFile === undefined ? process.env['LATCHKEY_DATABASE'] : await firstLine(databaseFile);
  if (text === undefined || text === '') return undefined;
  if (!/^postgres(ql)?:\/\//.test(text)) throw new CommandStopped({ kind: 'usage', detail: 'The URL of the database begins with postgres://.' });
  return text;
}

/** As {@link databaseUrl}, for a CA in this folder. */
export async function storePlace(dir: string, options: DatabaseOptions): Promise<StorePlace> {
  const url = await databaseUrl(options);
  return url === undefined ? { folder: dir } : { url };
}

async function firstLine(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).split('\n', 1)[0]?.trim() ?? '';
  } catch {
    throw new CommandStopped({ kind: 'file-unreadable', path });
  }
}
