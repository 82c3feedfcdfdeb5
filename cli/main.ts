#!/usr/bin/env node
/** `latchkey …`: reads the arguments, runs one command, answers with its exit code. */
import { CommanderError, type Command } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { conclude, createOutput, reportFailure } from './output.ts';
import { createProgram } from './program.ts';

async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(async ({ output }, command) => {
    code = await conclude(output, command);
  });
  throwInsteadOfExiting(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were asked for and printed; without any command the help is an answer, and a mistake.
    if (error.exitCode === 0 || error.code === 'commander.help') return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    await reportFailure(createOutput(args.includes('--json')), { kind: 'usage', detail: sentence(error.message) });
    return EXIT.usage;
  }
}

/** Commander prints and exits by itself otherwise; the exit codes here are ours. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  for (const one of command.commands) throwInsteadOfExiting(one);
}

/** "error: unknown option '--x'" as a sentence. */
function sentence(message: string): string {
  const text = message.replace(/^error: /, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '.'}`;
}

// What a library leaves open (a watch on readers, a socket kept alive) must not keep the command from ending.
process.exit(await main(process.argv.slice(2)));
