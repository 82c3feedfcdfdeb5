/** The table of `ca init`, `ca issuer …`, `ca root crl` and `ca sign-pending`: where CAs and their keys come from. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AUTHORITY_KEY_TYPES } from '../ca/keys/authority-key.ts';
import { action, type Conclude } from './command.ts';
import type { InitOptions } from './commands/ca-init.ts';
import type { ActivateOptions, IssuerRequestOptions, IssuerSignOptions, RootCrlOptions } from './commands/ca-issuer.ts';
import type { SignPendingOptions } from './commands/ca-sign-pending.ts';
import { addSecretOptions } from './secrets.ts';

/** Adds `init`, `issuer`, `root` and `sign-pending` to `ca`. */
export function addIssuerCommands(ca: Command, conclude: Conclude): void {
  addInit(ca, conclude);
  addIssuer(ca, conclude);
  addRoot(ca, conclude);
  const pending = ca
    .command('sign-pending')
    .description('sign what waits for a CA key that an approver holds, where the folder and the key are on one machine')
    .requiredOption('--dir <folder>', 'folder of the CA')
    .option('--key-file <file>', 'the key, PKCS#8')
    .option('--key-uri <uri>', 'its PKCS#11 URI');
  addSecretOptions(pending, 'passphrase', 'token-pin');
  action(pending, conclude, async (context, options: SignPendingOptions) => (await import('./commands/ca-sign-pending.ts')).signWaiting(context, options));
}

function keyOptions(command: Command): Command {
  return command
    .addOption(new Option('--key-type <type>', 'type of a new key').choices(AUTHORITY_KEY_TYPES).default('ECCP384'))
    .option('--key-uri <uri>', 'PKCS#11 URI of a key on a token: pkcs11:token=…;id=…?module-path=…')
    .option('--generate-key', 'with --key-uri: make the key on the token');
}

function addInit(ca: Command, conclude: Conclude): void {
  const init = keyOptions(ca.command('init').description('make a CA, or take over an existing one').requiredOption('--dir <folder>', 'folder of the CA'))
    .requiredOption('--name <text>', 'name of the CA')
    .option('--days <n>', 'how long the CA certificate is valid: 3650 unless said, 7300 of a root', parseDays)
    .option('--import-cert <file>', 'an existing CA certificate, with its chain where it is an intermediate')
    .option('--import-key <file>', 'its key')
    .addOption(new Option('--root', 'a root to be kept offline, with issuing CAs below it').conflicts('held'))
    .option('--held', 'an approver holds the key; it signs the first server certificate now')
    .option('--key-out <file>', 'with --held: where a new key goes')
    .option('--host <name...>', 'with --held: what the server is called by');
  addSecretOptions(init, 'passphrase', 'import-passphrase', 'token-pin');
  action(init, conclude, async (context, options: InitOptions) => (await import('./commands/ca-init.ts')).initialize(context, options));
}

function addIssuer(ca: Command, conclude: Conclude): void {
  const issuer = ca.command('issuer').description('an issuing CA below a root that is kept offline');
  const commands = () => import('./commands/ca-issuer.ts');
  const request = keyOptions(issuer.command('request').description('make the key of an issuer to be, and the CSR that the root signs').requiredOption('--dir <folder>', 'folder of the issuing CA'))
    .requiredOption('--name <text>', 'name of the issuing CA')
    .requiredOption('--out <file>', 'where the CSR goes');
  addSecretOptions(request, 'passphrase', 'token-pin');
  action(request, conclude, async (context, options: IssuerRequestOptions) => (await commands()).request(context, options));
  const sign = issuer
    .command('sign')
    .description('on the offline machine: sign an issuer with the root')
    .requiredOption('--root-dir <folder>', 'folder of the root')
    .requiredOption('--csr <file>', 'the CSR')
    .requiredOption('--out <file>', 'where the certificate goes, with the root’s')
    .option('--days <n>', 'how long it is valid; never longer than the root', parseDays);
  addSecretOptions(sign, 'passphrase', 'token-pin');
  action(sign, conclude, async (context, options: IssuerSignOptions) => (await commands()).sign(context, options));
  const activate = issuer
    .command('activate')
    .description('take the certificate that the root signed; a running server does so at SIGHUP')
    .requiredOption('--dir <folder>', 'folder of the issuing CA')
    .requiredOption('--cert <file>', 'the certificate');
  action(activate, conclude, async (context, options: ActivateOptions) => (await commands()).activate(context, options));
}

function addRoot(ca: Command, conclude: Conclude): void {
  const crl = ca
    .command('root')
    .description('a root that is kept offline')
    .command('crl')
    .description('its CRL, for parent-crls/ in the folders of the CAs below it')
    .requiredOption('--root-dir <folder>', 'folder of the root')
    .requiredOption('--out <file>', 'where the CRL goes')
    .option('--revoke <certificate...>', 'files of issuers that are no longer good')
    .option('--days <n>', 'how long it is good', parseDays, 365);
  addSecretOptions(crl, 'passphrase', 'token-pin');
  action(crl, conclude, async (context, options: RootCrlOptions) => (await import('./commands/ca-issuer.ts')).rootCrl(context, options));
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d{1,5}$/.test(text) || days < 1 || days > 36_500) throw new InvalidArgumentError('It is a number of days from 1 to 36500.');
  return days;
}
