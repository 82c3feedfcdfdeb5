/** The table of `queue …` commands: each signs in with an officer's key. What a command does is in commands/queue-*.ts. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CERTIFICATE_STATUSES, REVOCATION_REASONS } from '../core/requests/issued-certificate.ts';
import { ROLES } from '../core/requests/roles.ts';
import { action, addKeyChoice, type CommandContext, type Conclude, type KeyChoice } from './command.ts';
import type { AuditOptions } from './commands/queue-audit.ts';
import type { CertificatesOptions, RevokeOptions } from './commands/queue-certificates.ts';
import type { InvitationsOptions, InviteOptions } from './commands/queue-people.ts';
import type { ApproveOptions, ListOptions } from './commands/queue-requests.ts';
import type { QueueSignOptions } from './commands/queue-sign.ts';
import type { Outcome } from './failures.ts';
import { addSecretOptions } from './secrets.ts';

type Work<Options> = (context: CommandContext, options: Options, argument: string, args: readonly string[]) => Promise<Outcome>;

/** Adds `queue …`. */
export function addQueueCommands(program: Command, conclude: Conclude): void {
  const queue = program.command('queue').description('requests, certificates and people of the CA; signs in with the key each time');
  const add = <Options extends KeyChoice>(command: Command, work: Work<Options>): void => action(addSecretOptions(command, 'pin'), conclude, work, addKeyChoice);
  addRequests(queue, add);
  addCertificates(queue, add);
  addPeople(queue, add);
  const audit = queue.command('audit').description('the newest lines of the audit log').option('--limit <n>', 'how many', parseCount, 50);
  add(addSearch(audit), async (context, options: AuditOptions) => (await import('./commands/queue-audit.ts')).audit(context, options));
}

type Add = <Options extends KeyChoice>(command: Command, work: Work<Options>) => void;

function addRequests(queue: Command, add: Add): void {
  const commands = () => import('./commands/queue-requests.ts');
  add(addSearch(queue.command('list').description('all requests, the pending ones first')), async (context, options: ListOptions) => (await commands()).list(context, options));
  const show = queue.command('show').argument('<id>').description('one request: what is verified, what is only claimed');
  add(show, async (context, options: KeyChoice, id) => (await commands()).show(context, options, id));
  const approve = queue.command('approve').argument('<id...>').description('let the CA issue the certificates, or say the first of two times yes')
    .option('--words <words>', 'the four words the applicant reads out: nothing is approved where the request has others');
  add(approve, async (context, options: ApproveOptions, _id, ids) => (await commands()).approve(context, options, ids));
  const deny = queue.command('deny').argument('<id...>').description('refuse them; the applicants read the reason').requiredOption('--reason <text>', 'why');
  add(deny, async (context, options: KeyChoice & { reason: string }, _id, ids) => (await commands()).deny(context, options, ids));
}

function addCertificates(queue: Command, add: Add): void {
  const commands = () => import('./commands/queue-certificates.ts');
  const reason = (): Option => new Option('--reason <reason>', 'why, as the CRL says it').choices(REVOCATION_REASONS);
  const list = queue.command('certificates').description('certificates that were issued, the newest first').addOption(new Option('--status <status>', 'only those').choices(CERTIFICATE_STATUSES));
  add(addSearch(list), async (context, options: CertificatesOptions) => (await commands()).certificates(context, options));
  const revoke = queue.command('revoke').argument('<serial>').description('revoke a certificate for good').addOption(reason().makeOptionMandatory());
  add(revoke, async (context, options: RevokeOptions, serial) => (await commands()).revoke(context, options, serial));
  const hold = queue.command('hold').argument('<serial>').description('make a certificate invalid for a time');
  add(hold, async (context, options: KeyChoice, serial) => (await commands()).hold(context, options, serial));
  const release = queue.command('release').argument('<serial>').description('make a held certificate valid again');
  add(release, async (context, options: KeyChoice, serial) => (await commands()).release(context, options, serial));
  const person = queue.command('revoke-person').argument('<email>').description('revoke every certificate of a person who leaves').addOption(reason().default('cessationOfOperation'));
  add(person, async (context, options: RevokeOptions, email) => (await commands()).revokePerson(context, options, email));
}

function addPeople(queue: Command, add: Add): void {
  const sign = queue
    .command('sign')
    .description('sign what waits for a CA key that you hold: certificates after their approval, lists of revoked ones, the server’s own')
    .option('--ca-key <file>', 'the CA’s key, PKCS#8')
    .option('--ca-key-uri <uri>', 'its PKCS#11 URI')
    .option('--yes', 'do not ask about each certificate');
  add(addSecretOptions(sign, 'passphrase', 'token-pin'), async (context, options: QueueSignOptions) => (await import('./commands/queue-sign.ts')).signJobs(context, options));
  const commands = () => import('./commands/queue-people.ts');
  const invite = queue
    .command('invite')
    .description('write an invitation')
    .requiredOption('--name <text>', 'whom it is for')
    .requiredOption('--email <address>', 'their e-mail address')
    .addOption(new Option('--role <role>', 'what they will be').choices(ROLES).default('user'))
    .option('--profile <name>', 'profile of the certificate')
    .option('--days <n>', 'how long it can be used', parseCount, 7)
    .option('--uses <n>', 'how many keys it is for', parseCount, 1)
    .option('--automatic', 'nobody has to look where the key is proven to be genuine');
  add(invite, async (context, options: InviteOptions) => (await commands()).invite(context, options));
  const invitations = queue.command('invitations').description('invitations and what became of them, the newest first');
  add(addSearch(invitations), async (context, options: InvitationsOptions) => (await commands()).invitations(context, options));
  const end = queue.command('end-invitation').argument('<id>').description('take an invitation back');
  add(end, async (context, options: KeyChoice, id) => (await commands()).endInvitation(context, options, id));
  add(queue.command('officers').description('everybody who can sign in'), async (context, options: KeyChoice) => (await commands()).officers(context, options));
  const setRole = queue.command('set-role').argument('<serial>').argument('<role>').description(`give the holder of a certificate a role: ${ROLES.join(', ')}; user takes it away`);
  add(setRole, async (context, options: KeyChoice, _serial, args) => (await commands()).setRole(context, options, args));
}

function addSearch(command: Command): Command {
  return command.option('--search <text>', 'part of a name, an e-mail address, the four words or a serial number');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > 500) throw new InvalidArgumentError('It is a number from 1 to 500.');
  return count;
}
