/**
 * Secrets reach a command by prompt, by file or by descriptor, never by an argument: arguments are in the process list
 * and in the shell's history.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CommandStopped } from './failures.ts';
import type { Terminal } from './terminal.ts';

/** The secrets a command can take: the name of the option, without "-file" or "-fd", and what a person calls it. */
export const SECRETS = {
  pin: 'The PIN',
  'new-pin': 'A new PIN',
  puk: 'The PUK',
  'new-puk': 'A new PUK',
  'management-key': 'The management key, in hexadecimal digits,',
  passphrase: 'The passphrase of the CA key',
  'import-passphrase': 'The passphrase of the imported key',
  'token-pin': 'The PIN of the token with the CA key',
  'est-password': 'The password for the EST server',
} as const;
export type SecretName = keyof typeof SECRETS;

/** Longer than any secret here; keeps a wrong file from being read whole. */
const MAX_BYTES = 1024;

/** Adds `--NAME-file FILE` and `--NAME-fd N`. */
export function addSecretOptions(command: Command, ...names: readonly SecretName[]): Command {
  for (const name of names) {
    const file = new Option(`--${name}-file <file>`, `${SECRETS[name].toLowerCase()}: the first line of a file`);
    const descriptor = new Option(`--${name}-fd <n>`, `${SECRETS[name].toLowerCase()}: a line from an open descriptor`);
    command.addOption(file.conflicts(camelCase(`${name}-fd`))).addOption(descriptor.argParser(parseDescriptor));
  }
  return command;
}

/** The secrets of one run of a command. Each is read when it is first needed. */
export class Secrets {
  /** A descriptor can be read only once, and an enrollment may need the PIN again after the approval. */
  private readonly fromDescriptors = new Map<SecretName, string>();

  constructor(
    private readonly options: Readonly<Record<string, unknown>>,
    private readonly terminal: Terminal,
  ) {}

  /** Whether an option gives this secret. */
  isGiven(name: SecretName): boolean {
    return this.source(name) !== undefined;
  }

  /** The secret that an option gives, or undefined. */
  given(name: SecretName): string | undefined {
    const source = this.source(name);
    if (source === undefined) return undefined;
    if (typeof source === 'string') return readFirstLine(source);
    const secret = this.fromDescriptors.get(name) ?? readDescriptorLine(source);
    this.fromDescriptors.set(name, secret);
    return secret;
  }

  /** The secret: by option, or by asking `question`. */
  async get(name: SecretName, question: string): Promise<string> {
    const given = this.given(name);
    if (given !== undefined) return given;
    this.wantTerminal(name);
    return this.terminal.askSecret(question);
  }

  /** A secret that is to be set: by option, or asked for twice. */
  async getNew(name: SecretName, question: string): Promise<string> {
    const given = this.given(name);
    if (given !== undefined) return given;
    this.wantTerminal(name);
    const first = await this.terminal.askSecret(question);
    if (first !== '' && first !== (await this.terminal.askSecret('  Again: '))) {
      throw new CommandStopped({ kind: 'secrets-differ', what: SECRETS[name].toLowerCase() });
    }
    return first;
  }

  private wantTerminal(name: SecretName): void {
    if (!this.terminal.isThere) throw new CommandStopped({ kind: 'secret-missing', what: SECRETS[name], option: name });
  }

  private source(name: SecretName): string | number | undefined {
    const file = this.options[camelCase(`${name}-file`)];
    if (typeof file === 'string') return file;
    const descriptor = this.options[camelCase(`${name}-fd`)];
    return typeof descriptor === 'number' ? descriptor : undefined;
  }
}

/** Of the permissions of a file: everybody on the computer may read it. */
const READABLE_BY_ALL = 0o004;

function readFirstLine(path: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    // The open file, not the path: what is judged is what is read. A pipe (`<(…)`) has no such permissions, nor has Windows.
    const found = fstatSync(descriptor);
    if (process.platform !== 'win32' && found.isFile() && (found.mode & READABLE_BY_ALL) !== 0) throw new CommandStopped({ kind: 'secret-exposed', path });
    return firstLine(readFileSync(descriptor).subarray(0, MAX_BYTES).toString('utf8'));
  } catch (error) {
    if (error instanceof CommandStopped) throw error;
    throw new CommandStopped({ kind: 'file-unreadable', path, ...codeOf(error) });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Byte by byte up to the end of the line, so that one descriptor can carry several secrets, a line each. */
function readDescriptorLine(descriptor: number): string {
  const bytes = Buffer.alloc(MAX_BYTES);
  let length = 0;
  try {
    while (length < MAX_BYTES && readByte(descriptor, bytes, length) === 1 && bytes[length] !== 0x0a) length += 1;
  } catch (error) {
    throw new CommandStopped({ kind: 'file-unreadable', path: `descriptor ${descriptor}`, ...codeOf(error) });
  }
  const line = firstLine(bytes.subarray(0, length).toString('utf8'));
  bytes.fill(0);
  return line;
}

function readByte(descriptor: number, into: Buffer, offset: number): number {
  for (;;) {
    try {
      return readSync(descriptor, into, offset, 1, null);
    } catch (error) {
      if (codeOf(error).detail !== 'EAGAIN') throw error;
      // A pipe that somebody made non-blocking: its writer is not done yet.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\r$/, '');
}

function codeOf(error: unknown): { readonly detail?: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? { detail: error.code } : {};
}

function parseDescriptor(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is the number of an open descriptor.');
  return Number(text);
}

/** The name under which commander keeps an option: "new-pin-fd" is `newPinFd`. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
