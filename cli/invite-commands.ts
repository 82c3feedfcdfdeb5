/** The table of `ca invite` and `ca recover`: invitations written on the CA's machine. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ROLES } from '../core/requests/roles.ts';
import { action, type Conclude } from './command.ts';
import type { InviteOptions } from './commands/ca-invite.ts';
import type { RecoverOptions } from './commands/ca-recover.ts';
import { addDatabaseOption } from './database-place.ts';

/** Adds `invite` and `recover` to `ca`. */
export function addInviteCommands(ca: Command, conclude: Conclude): void {
  const invite = person(ca.command('invite').description('write an invitation'))
    .addOption(new Option('--role <role>', 'what they will be').choices(ROLES).default('user'))
    .option('--profile <name>', 'profile of the certificate; the default one of the policy unless said')
    .option('--days <n>', 'how long it can be used', parseCount, 7)
    .option('--uses <n>', 'how many keys it is for', parseCount, 1)
    .option('--automatic', 'nobody has to look where the key is proven to be genuine');
  action(invite, conclude, async (context, options: InviteOptions) => (await import('./commands/ca-invite.ts')).invite(context, options));
  const recover = person(ca.command('recover').description('invite a new owner where the keys of all owners are lost; the audit log keeps it'));
  action(recover, conclude, async (context, options: RecoverOptions) => (await import('./commands/ca-recover.ts')).recover(context, options));
}

function person(command: Command): Command {
  return addDatabaseOption(command)
    .requiredOption('--dir <folder>', 'folder of the CA')
    .requiredOption('--name <text>', 'whom it is for')
    .requiredOption('--email <address>', 'their e-mail address')
    .option('--address <origin>', 'address of the CA in the link, where it is another than that of its last start');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,5}$/.test(text) || count < 1) throw new InvalidArgumentError('It is a number from 1 on.');
  return count;
}
