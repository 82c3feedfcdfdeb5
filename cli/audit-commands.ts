/** The table of `ca audit …` commands. */
import type { Command } from 'commander';
import { action, type Conclude } from './command.ts';
import type { AuditExportOptions, AuditVerifyOptions } from './commands/ca-audit.ts';
import { addDatabaseOption } from './database-place.ts';

/** Adds `audit` to `ca`. */
export function addAuditCommands(ca: Command, conclude: Conclude): void {
  const audit = ca.command('audit').description('the log of everything that happened at the CA');
  const commands = () => import('./commands/ca-audit.ts');
  const verify = addDatabaseOption(audit.command('verify').description('whether a line is missing, was changed or stands elsewhere'));
  verify.option('--dir <folder>', 'folder of the CA').option('--file <file>', 'an exported log, with --ca-certificate').option('--ca-certificate <file>', 'ca.crt of the CA: its certificate, and the root last');
  action(verify, conclude, async (context, options: AuditVerifyOptions) => (await commands()).verify(context, options));
  const exported = addDatabaseOption(audit.command('export').description('all of it as JSON lines, with the signatures of the CA'));
  exported.requiredOption('--dir <folder>', 'folder of the CA').requiredOption('--to <file>', 'the file to make');
  action(exported, conclude, async (context, options: AuditExportOptions) => (await commands()).exportTo(context, options));
}
