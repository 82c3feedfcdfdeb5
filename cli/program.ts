/** The table of commands: names, options, help. What a command does is in commands/, loaded when it is asked for. */
import { Command, Option } from 'commander';
import { ENROLLABLE_KEY_TYPES, ENROLLABLE_PIN_POLICIES } from '../core/security-key.ts';
import { addAuthorityCommands } from './authority-commands.ts';
import { action, addKeyChoice, type CommandContext, type Conclude, type KeyChoice } from './command.ts';
import type { Outcome } from './failures.ts';
import { addKeyCommands } from './key-commands.ts';
import { addQueueCommands } from './queue-commands.ts';
import { addSecretOptions } from './secrets.ts';

export interface DemoOptions {
  readonly server?: 'nginx' | 'caddy';
}

/** What demo/command.ts exports. */
interface DemoModule {
  readonly demo: (context: CommandContext, options: DemoOptions) => Promise<Outcome>;
}

export interface EnrollOptions extends KeyChoice {
  readonly invite?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly est?: string;
  readonly label?: string;
  readonly estUser?: string;
  readonly byHand?: boolean;
  readonly caCertificate?: string;
  readonly csr?: string;
  readonly certificate?: string;
  readonly keyType?: (typeof ENROLLABLE_KEY_TYPES)[number];
  readonly pinPolicy?: (typeof ENROLLABLE_PIN_POLICIES)[number];
  readonly touchPolicy?: 'never' | 'always' | 'cached';
  readonly name?: string;
  readonly email?: string;
  readonly otherName?: readonly string[];
  readonly replace?: boolean;
  readonly keepOldKey?: boolean;
  readonly renew?: boolean;
  readonly wait?: boolean;
}

/** The whole command line. */
export function createProgram(conclude: Conclude): Command {
  const program = new Command('latchkey').description('Put a certificate of your own CA onto a YubiKey.').showHelpAfterError(false);
  addStatus(program, conclude);
  addEnroll(program, conclude);
  addKeyCommands(program, conclude);
  addQueueCommands(program, conclude);
  addAuthorityCommands(program, conclude);
  addDemo(program, conclude);
  return program;
}

function addStatus(program: Command, conclude: Conclude): void {
  const status = program.command('status').description('what is in the readers, and which CA this computer trusts');
  action(status, conclude, async (context, options: KeyChoice) => (await import('./commands/status.ts')).status(context, options), addKeyChoice);
}

function addEnroll(program: Command, conclude: Conclude): void {
  const enroll = program
    .command('enroll')
    .description('ask the CA for a certificate and put it onto the key; run again, it goes on where it stopped')
    .option('--invite <link>', 'invitation: latchkey://enroll?…')
    .option('--ca <address>', 'address of the CA, where there is no invitation')
    .option('--fingerprint <sha256>', 'with --ca and --est: SHA-256 of the CA certificate; asked for otherwise')
    .option('--est <address>', 'address of any EST server (RFC 7030), in place of a Latchkey CA')
    .option('--label <label>', 'with --est: which of the server’s CAs')
    .option('--est-user <name>', 'user name for the EST server; its password is asked for')
    .option('--by-hand', 'you sign the CSR yourself, with openssl or easy-rsa')
    .option('--ca-certificate <file>', 'with --by-hand: certificate of your CA; with --est: the CA that the server has to name')
    .option('--csr <file>', 'by hand: where the CSR is saved; shown otherwise')
    .option('--certificate <file>', 'by hand: the certificate that your CA made of the CSR (PEM, DER, PKCS#7)')
    .addOption(new Option('--key-type <type>', 'type of the key pair').choices(ENROLLABLE_KEY_TYPES))
    .addOption(new Option('--pin-policy <policy>', 'when signing wants the PIN: once a session, at every signature, or never').choices(ENROLLABLE_PIN_POLICIES))
    .addOption(new Option('--touch-policy <policy>', 'whether signing wants a touch').choices(['never', 'always', 'cached']))
    .option('--name <name>', 'your name, where the invitation does not say it')
    .option('--email <address>', 'your e-mail address, where the invitation does not say it')
    .option('--other-name <kind:name...>', 'one more name for the certificate: upn:, uri:, dns: or email:')
    .option('--replace', 'agree that the certificate now in the slot is replaced')
    .addOption(new Option('--keep-old-key', 'move the key pair now in the slot to a retired slot (firmware 5.7)').conflicts('replace'))
    .option('--renew', 'a new certificate also where the present one is still good')
    .option('--wait', 'wait for the approver');
  addSecretOptions(enroll, 'pin', 'new-pin', 'puk', 'new-puk', 'est-password');
  action(enroll, conclude, async (context, options: EnrollOptions) => (await import('./commands/enroll.ts')).enroll(context, options), addKeyChoice);
}

function addDemo(program: Command, conclude: Conclude): void {
  const demo = program
    .command('demo')
    .description('the whole story on this computer with virtual keys, ending in its proof')
    .addOption(new Option('--server <name>', 'the web server to convince; otherwise the first that is installed').choices(['nginx', 'caddy']));
  // A name that bundlers cannot follow: what is packaged must not contain the virtual key.
  const path = './demo/command.ts';
  action(demo, conclude, async (context, options: DemoOptions) => ((await import(path)) as DemoModule).demo(context, options));
}
