import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { APP_FOLDER } from '../build.ts';
import { electronRuntime } from '../electron-runtime.ts';

export interface AppStart {
  /** Built file of the app, below .build/app. */
  readonly entry: string;
  /** Folder of the app's settings. */
  readonly userData: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the app until its window is closed; answers its exit code. Ctrl-C reaches it from the terminal too. */
export async function startApp({ entry, userData, args, env }: AppStart): Promise<number> {
  const { executable } = await electronRuntime();
  // Electron's sandbox refuses to run as root; everybody else has it.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(executable, [join(APP_FOLDER, entry), ...sandbox, `--user-data-dir=${userData}`, ...args], {
    stdio: ['ignore', 'inherit', process.env['LATCHKEY_VERBOSE'] ? 'inherit' : 'ignore'],
    env: { ...process.env, ...env },
  });
  process.once('exit', () => child.kill());
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 0));
  });
}
