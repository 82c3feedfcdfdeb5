/** The table of `ca crl …` commands. */
import { type Command, InvalidArgumentError } from 'commander';
import { action, type Conclude } from './command.ts';
import type { CrlPushOptions, CrlShowOptions } from './commands/ca-crl.ts';

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}(\.\d{1,3})?$/.test(text) || seconds < 0.1 || seconds > 86_400) throw new InvalidArgumentError('It is a number of seconds from 0.1 to 86400.');
  return seconds;
}

function several(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** Adds `crl push` and `crl show` to `ca`. */
export function addCrlCommands(ca: Command, conclude: Conclude): void {
  const crl = ca.command('crl').description('lists of revoked certificates, for web servers');
  const commands = () => import('./commands/ca-crl.ts');
  const push = crl
    .command('push')
    .description('put the current lists where a web server reads them, and reload it; where that fails, everything is as before')
    .requiredOption('--from <address>', 'where the CA hands them out, such as http://ca.example.org:8080')
    .requiredOption('--ca <file>', 'PEM of the CA (its root) that the lists have to come from')
    .requiredOption('--to <file>', 'file of the web server, PEM; may be given several times', several)
    .option('--reload <server>', 'nginx, haproxy, apache, or a command for the shell; may be given several times', several)
    .option('--watch <seconds>', 'go on, and look for news so often', parseSeconds);
  action(push, conclude, async (context, options: CrlPushOptions) => (await commands()).push(context, options));
  const show = crl
    .command('show')
    .description('what the CA hands out, or what is in a file, checked')
    .requiredOption('--ca <file>', 'PEM of the CA (its root) that the lists have to come from')
    .option('--from <address>', 'where the CA hands them out')
    .option('--file <file>', 'a file of lists, PEM or DER');
  action(show, conclude, async (context, options: CrlShowOptions) => (await commands()).show(context, options));
}
