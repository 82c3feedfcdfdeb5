import { spawn, type SpawnOptions } from 'node:child_process';

/** A command that ended with another exit code than 0; its output is in the message. */
export class CommandFailed extends Error {
  constructor(
    command: string,
    readonly exitCode: number | null,
    output: string,
  ) {
    super(`${command} ended with ${exitCode ?? 'a signal'}\n${output.trim()}`);
    this.name = 'CommandFailed';
  }
}

/** Runs a command to its end and answers what it printed on standard output. Throws {@link CommandFailed}. */
export function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new CommandFailed([command, ...args].join(' '), code, errors || output))));
  });
}

/** Runs a command with this process's own terminal; answers its exit code (128 + n for a signal is left to the shell: 1). */
export function runInTerminal(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
