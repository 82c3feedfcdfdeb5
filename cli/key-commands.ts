/** The table of the commands that look after a key. What a command does is in commands/key-*.ts, loaded when it is asked for. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { PIV_SLOTS, type PivSlot } from '../core/piv-slots.ts';
import { action, addKeyChoice, addModuleChoice, parseSerial, type Conclude, type KeyChoice } from './command.ts';
import type { ConfirmedSerial } from './key-losses.ts';
import { addSecretOptions } from './secrets.ts';

export interface NewPukOptions extends KeyChoice {
  readonly generate?: boolean;
}

export interface RetriesOptions extends NewPukOptions {
  /** How many wrong entries block it. */
  readonly pin: number;
  readonly puk: number;
}

export interface SlotOptions extends KeyChoice {
  readonly slot: PivSlot;
}

export interface ExportOptions extends SlotOptions {
  readonly format: 'pem' | 'der';
  readonly out?: string;
}

export interface AttestOptions extends SlotOptions {
  readonly out?: string;
}

export interface ConfirmedOptions extends KeyChoice {
  readonly confirmSerial?: ConfirmedSerial;
}

export type DeleteOptions = SlotOptions & ConfirmedOptions;

/** Adds `key …`. */
export function addKeyCommands(program: Command, conclude: Conclude): void {
  const key = program.command('key').description('look after a security key: what is on it, PIN, PUK, certificates, ways out of trouble');
  addShow(key, conclude);
  addPinAndPuk(key, conclude);
  addSettings(key, conclude);
  addCertificates(key, conclude);
  const reset = addConfirmation(key.command('reset').description('empty the PIV part of the key: all its keys and certificates are lost'));
  action(reset, conclude, async (context, options: ConfirmedOptions) => (await import('./commands/key-reset.ts')).reset(context, options), addKeyChoice);
  const modules = key.command('modules').description('the PKCS#11 modules of this computer, which one is used and why');
  action(modules, conclude, async (context, options: Pick<KeyChoice, 'module'>) => (await import('./commands/key-modules.ts')).modules(context, options), addModuleChoice);
}

function addShow(key: Command, conclude: Conclude): void {
  const commands = () => import('./commands/key-show.ts');
  const list = key.command('list').description('all keys, a line each');
  action(list, conclude, async (context, options: Pick<KeyChoice, 'module'>) => (await commands()).list(context, options));
  const show = key.command('show').description('one key whole: its slots, what is wrong with it, and what to type about it');
  action(show, conclude, async (context, options: KeyChoice) => (await commands()).show(context, options), addKeyChoice);
}

function addPinAndPuk(key: Command, conclude: Conclude): void {
  const commands = () => import('./commands/key-pin.ts');
  const pin = key.command('pin').description('the PIN');
  const verify = addSecretOptions(pin.command('verify').description('check the PIN; the right one gives all attempts back'), 'pin');
  action(verify, conclude, async (context, options: KeyChoice) => (await commands()).verify(context, options), addKeyChoice);
  const change = addSecretOptions(pin.command('change').description('set another PIN'), 'pin', 'new-pin');
  action(change, conclude, async (context, options: KeyChoice) => (await commands()).change(context, options), addKeyChoice);
  const unblock = addSecretOptions(pin.command('unblock').description('set a new PIN with the PUK, for a PIN that is blocked or forgotten'), 'puk', 'new-pin');
  action(unblock, conclude, async (context, options: KeyChoice) => (await commands()).unblock(context, options), addKeyChoice);
  const puk = key.command('puk').description('the PUK (PIN reset code)');
  const changePuk = addGenerate(addSecretOptions(puk.command('change').description('set another PUK'), 'puk', 'new-puk'));
  action(changePuk, conclude, async (context, options: NewPukOptions) => (await commands()).changePukOf(context, options), addKeyChoice);
}

function addSettings(key: Command, conclude: Conclude): void {
  const commands = () => import('./commands/key-settings.ts');
  const managementKey = key.command('management-key').description('the key that lets programs write to the key');
  const rotate = addSecretOptions(managementKey.command('rotate').description('replace it by a random one that is kept on the key and protected by the PIN'), 'pin', 'management-key');
  action(rotate, conclude, async (context, options: KeyChoice) => (await commands()).rotateManagementKey(context, options), addKeyChoice);
  const retries = key.command('retries').description('how many wrong entries block PIN and PUK');
  const set = retries.command('set').description('set them, and with them a new PIN and a new PUK');
  set.requiredOption('--pin <n>', 'wrong entries that block the PIN, 1 to 255', parseAttempts).requiredOption('--puk <n>', 'wrong entries that block the PUK, 1 to 255', parseAttempts);
  addGenerate(addSecretOptions(set, 'pin', 'management-key', 'new-pin', 'new-puk'));
  action(set, conclude, async (context, options: RetriesOptions) => (await commands()).setAttempts(context, options), addKeyChoice);
  const retire = addSecretOptions(key.command('retire').description('move key pair and certificate of slot 9a to a retired slot (firmware 5.7)'), 'pin', 'management-key');
  action(retire, conclude, async (context, options: KeyChoice) => (await commands()).retire(context, options), addKeyChoice);
}

function addCertificates(key: Command, conclude: Conclude): void {
  const commands = () => import('./commands/key-certificate.ts');
  const certificate = key.command('certificate').description('the certificates on the key');
  const show = addSlot(certificate.command('show').description('all that can be read of a certificate'));
  action(show, conclude, async (context, options: SlotOptions) => (await commands()).show(context, options), addKeyChoice);
  const exportCommand = addSlot(certificate.command('export').description('write a certificate to a file, or to standard output'))
    .addOption(new Option('--format <format>', 'of the file').choices(['pem', 'der']).default('pem'))
    .option('--out <file>', 'the file');
  action(exportCommand, conclude, async (context, options: ExportOptions) => (await commands()).exportCertificate(context, options), addKeyChoice);
  const remove = certificate.command('delete').description('delete a certificate; its key pair stays').requiredOption('--slot <slot>', 'slot of the key', parseSlot);
  addSecretOptions(addConfirmation(remove), 'pin', 'management-key');
  action(remove, conclude, async (context, options: DeleteOptions) => (await commands()).deleteCertificate(context, options), addKeyChoice);
  const attest = addSlot(key.command('attest').description('whether a key pair was made on a genuine YubiKey')).option('--out <file>', 'write the two certificates of the proof to this file (PEM)');
  action(attest, conclude, async (context, options: AttestOptions) => (await commands()).attest(context, options), addKeyChoice);
}

function addSlot(command: Command): Command {
  return command.addOption(new Option('--slot <slot>', 'slot of the key').argParser(parseSlot).default('9a'));
}

function addConfirmation(command: Command): Command {
  return command.option('--confirm-serial <n>', 'agree to the loss by the serial of the key ("none" where it tells none); asked for otherwise', (text) => (text === 'none' ? text : parseSerial(text)));
}

function addGenerate(command: Command): Command {
  return command.addOption(new Option('--generate', 'have the new PUK made: shown once at the terminal, or in the field "puk" with --json').conflicts(['newPukFile', 'newPukFd']));
}

function parseSlot(text: string): PivSlot {
  const slot = PIV_SLOTS.find((one) => one === text.toLowerCase());
  if (slot === undefined) throw new InvalidArgumentError('It is 9a, 9c, 9d, 9e, or one of the retired ones, 82 to 95.');
  return slot;
}

function parseAttempts(text: string): number {
  const attempts = Number(text);
  if (!/^\d{1,3}$/.test(text) || attempts < 1 || attempts > 255) throw new InvalidArgumentError('It is a number from 1 to 255.');
  return attempts;
}
