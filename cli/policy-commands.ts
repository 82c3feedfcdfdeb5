/** The table of `ca policy …` commands. */
import type { Command } from 'commander';
import { action, type Conclude } from './command.ts';
import type { PolicyCheckOptions, PolicyTestOptions } from './commands/ca-policy.ts';

function place(command: Command): Command {
  return command.option('--dir <folder>', 'folder of the CA; the current one unless said').option('--policy <file>', 'another file than policy.yaml in it');
}

/** Adds `policy` to `ca`. */
export function addPolicyCommands(ca: Command, conclude: Conclude): void {
  const policy = ca.command('policy').description('what the CA allows');
  const commands = () => import('./commands/ca-policy.ts');
  const check = place(policy.command('check').description('every mistake in the policy file, with line and column'));
  action(check, conclude, async (context, options: PolicyCheckOptions) => (await commands()).check(context, options));
  const test = place(policy.command('test').description('what the rules say of a CSR, one by one; nothing is handed in'))
    .requiredOption('--csr <file>', 'the CSR, PEM or DER')
    .option('--profile <name>', 'the default one unless said');
  action(test, conclude, async (context, options: PolicyTestOptions) => (await commands()).test(context, options));
}
