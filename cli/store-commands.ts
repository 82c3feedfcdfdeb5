/** The table of commands for what a CA keeps: `ca backup`, `ca restore`, `ca migrate`. */
import type { Command } from 'commander';
import { action, type Conclude } from './command.ts';
import type { BackupOptions, MigrateOptions, RestoreOptions } from './commands/ca-store.ts';
import { addDatabaseOption } from './database-place.ts';

/** Adds them to `ca`. */
export function addStoreCommands(ca: Command, conclude: Conclude): void {
  const commands = () => import('./commands/ca-store.ts');
  const backup = addDatabaseOption(ca.command('backup').description('everything of a CA in one file, also while it runs'));
  backup.requiredOption('--dir <folder>', 'folder of the CA').requiredOption('--to <file>', 'the backup; readable by you alone');
  action(backup, conclude, async (context, options: BackupOptions) => (await commands()).backup(context, options));
  const restore = addDatabaseOption(ca.command('restore').description('a CA from its backup, into a folder that is not there yet'));
  restore.requiredOption('--from <file>', 'the backup').requiredOption('--dir <folder>', 'the folder to make');
  action(restore, conclude, async (context, options: RestoreOptions) => (await commands()).restoreBackup(context, options));
  const migrate = addDatabaseOption(ca.command('migrate').description('from SQLite in the folder into an empty PostgreSQL; end the server before'));
  migrate.requiredOption('--dir <folder>', 'folder of the CA').option('--to <url>', 'postgres://user@host/database; a password belongs into --database-file or a PGPASSFILE');
  action(migrate, conclude, async (context, options: MigrateOptions) => (await commands()).migrate(context, options));
}
