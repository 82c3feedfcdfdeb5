/** The table of `ca …` commands: making a CA and running it. What a command does is in commands/ca-*.ts. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { trustedProxies, type TrustedProxies } from '../ca/http/trusted-proxies.ts';
import { addAuditCommands } from './audit-commands.ts';
import { action, type Conclude } from './command.ts';
import { addCrlCommands } from './crl-commands.ts';
import { addDatabaseOption, type DatabaseOptions } from './database-place.ts';
import { addInviteCommands } from './invite-commands.ts';
import { addIssuerCommands } from './issuer-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addSecretOptions } from './secrets.ts';
import { addStoreCommands } from './store-commands.ts';

export interface ServeOptions extends DatabaseOptions {
  readonly dir: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly statusListen?: ServeOptions['listen'];
  readonly metricsListen?: ServeOptions['listen'];
  readonly publicAddress?: string;
  readonly trustedProxy?: TrustedProxies;
  readonly connectionsPerAddress?: number;
  readonly policy?: string;
  readonly crlHook?: string;
  readonly invitation: boolean;
}

/** Adds `ca …`. */
export function addAuthorityCommands(program: Command, conclude: Conclude): void {
  const ca = program.command('ca').description('make and run a CA');
  addIssuerCommands(ca, conclude);
  addServe(ca, conclude);
  addInviteCommands(ca, conclude);
  addPolicyCommands(ca, conclude);
  addCrlCommands(ca, conclude);
  addStoreCommands(ca, conclude);
  addAuditCommands(ca, conclude);
}

function addServe(ca: Command, conclude: Conclude): void {
  const serve = ca
    .command('serve')
    .description('run the CA until it is ended')
    .requiredOption('--dir <folder>', 'folder of the CA')
    .requiredOption('--listen <address:port>', 'such as 127.0.0.1:8443', parseListen)
    .option('--status-listen <address:port>', 'plain HTTP for CRLs and OCSP, such as 127.0.0.1:8080', parseListen)
    .option('--metrics-listen <address:port>', 'plain HTTP for Prometheus, such as 127.0.0.1:9464; not for the public', parseListen)
    // By the environment too: in a container nobody writes the command line anew for them.
    .addOption(new Option('--public-address <origin>', 'https://…, where people reach it by another name than that of --listen').env('LATCHKEY_PUBLIC_ADDRESS'))
    .addOption(new Option('--trusted-proxy <network,…>', 'proxies before it, such as 10.0.0.0/8,::1: what they say in X-Forwarded-For is the client’s address').argParser(parseProxies).env('LATCHKEY_TRUSTED_PROXY'))
    .option('--connections-per-address <n>', 'so many connections at a time may one address have (200)', parseConnections)
    .option('--policy <file>', 'another file than policy.yaml in the folder')
    .option('--crl-hook <command>', 'runs after every new CRL')
    .option('--no-invitation', 'do not invite a first owner at the start, for services whose output is kept: ca invite --role owner does it');
  addDatabaseOption(serve);
  addSecretOptions(serve, 'passphrase', 'token-pin');
  action(serve, conclude, async (context, options: ServeOptions) => (await import('./commands/ca-serve.ts')).serve(context, options));
}

/** "127.0.0.1:8443", "[::1]:8443", "localhost:8443". */
function parseListen(text: string): ServeOptions['listen'] {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new InvalidArgumentError('It looks like 127.0.0.1:8443.');
  return { host: match[1] ?? match[2] ?? '', port };
}

function parseProxies(text: string): TrustedProxies {
  const proxies = trustedProxies(text.split(',').map((network) => network.trim()));
  if (!proxies.ok) throw new InvalidArgumentError('It looks like 10.0.0.0/8,192.0.2.7,2001:db8::/32.');
  return proxies.value;
}

function parseConnections(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 99999.');
  return Number(text);
}
