import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** A program that runs until it is ended. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** What it has printed on standard error lately, for when it ends unexpectedly. */
  readonly errors: () => string;
  /** SIGTERM, and SIGKILL where that is not heard within 3 s. */
  readonly end: () => Promise<void>;
}

const PATIENCE_MS = 3_000;
const KEPT_CHARACTERS = 4_000;

export function startProgram(command: string, args: readonly string[], options: SpawnOptions = {}): RunningProgram {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-KEPT_CHARACTERS)));
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', (error) => {
      errors += error.message;
      resolve();
    });
  });
  return {
    process: child,
    errors: () => errors,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The next line on a program's standard output. Rejects with its last words if it ends first. */
export function firstLine(program: RunningProgram): Promise<string> {
  const { stdout } = program.process;
  if (stdout === null) throw new Error('standard output is not a pipe');
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdout });
    lines.once('line', resolve);
    program.process.once('close', () => reject(new Error(program.errors())));
    program.process.once('error', reject);
  });
}

/** Where a program is, also in the folders that an ordinary user's PATH leaves out; undefined: not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
