/** What every command gets and how it is tied to its place in the table; program.ts and *-commands.ts are the tables. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Outcome } from './failures.ts';
import { createOutput, type Output } from './output.ts';
import { Secrets } from './secrets.ts';
import { Terminal } from './terminal.ts';

/** What every command gets. */
export interface CommandContext {
  readonly output: Output;
  readonly terminal: Terminal;
  readonly secrets: Secrets;
}

/** Runs the chosen command to its end; `isJson` is known only now. */
export type Conclude = (context: CommandContext, command: () => Promise<Outcome>) => Promise<void>;

/** Which key a command is about. */
export interface KeyChoice {
  readonly reader?: string;
  readonly serial?: number;
  /** A ModuleChoice of core/security-key.ts; 'automatic' unless told. */
  readonly module?: string;
}

/** Ties a command to what it does; every command takes --json. */
export function action<Options extends object>(
  command: Command,
  conclude: Conclude,
  work: (context: CommandContext, options: Options, argument: string, args: readonly string[]) => Promise<Outcome>,
  more?: (command: Command) => void,
): void {
  more?.(command);
  command.option('--json', 'one JSON object on standard output');
  command.action(async (...parameters: readonly unknown[]) => {
    const options = command.opts<Options & { readonly json?: boolean }>();
    const terminal = new Terminal();
    const context: CommandContext = {
      output: createOutput(options.json === true),
      terminal,
      secrets: new Secrets(command.opts<Record<string, unknown>>(), terminal),
    };
    try {
      // One argument, several of one name (`<id...>`), or one after the other; the options come behind them.
      const args = parameters.flat().filter((parameter) => typeof parameter === 'string');
      await conclude(context, () => work(context, options, args[0] ?? '', args));
    } finally {
      terminal.close();
    }
  });
}

/** Adds `--reader`, `--serial` and `--module`. */
export function addKeyChoice(command: Command): void {
  command.option('--reader <name>', 'the key in this reader').addOption(new Option('--serial <n>', 'the key with this serial').argParser(parseSerial).conflicts('reader'));
  addModuleChoice(command);
}

/** Adds `--module`. */
export function addModuleChoice(command: Command): void {
  command.option('--module <path>', 'the PKCS#11 module to use, or none; otherwise LATCHKEY_PKCS11_MODULE, then the best of this computer');
}

/** A serial as it is printed on the key. Throws InvalidArgumentError. */
export function parseSerial(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It is the number printed on the key.');
  return Number(text);
}
