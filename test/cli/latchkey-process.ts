import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `latchkey`, for Node. */
export const LATCHKEY = [fileURLToPath(new URL('../../scripts/latchkey.mjs', import.meta.url))];

/** What a command came to. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as the one JSON object it has to be. Throws on anything else. */
  readonly json: () => Record<string, unknown> & { readonly failure?: { readonly kind: string } & Record<string, unknown> };
}

/** A person's computer: folders of its own, and the pcscd of the test. */
export interface Computer {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs `latchkey …` to its end, without a terminal. `lines` are written to descriptor 3. */
  latchkey(args: readonly string[], lines?: readonly string[]): Promise<Ended>;
  /** A file of this computer that holds one secret, for options such as --pin-file. */
  secretFile(name: string, secret: string): Promise<string>;
  close(): Promise<void>;
}

export async function createComputer(environment: NodeJS.ProcessEnv = {}): Promise<Computer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-cli-'));
  const own = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state'), ...environment };
  return {
    folder,
    environment: own,
    latchkey: (args, lines) => ended(startLatchkey(args, own, lines)),
    secretFile: async (name, secret) => {
      const path = join(folder, name);
      await writeFile(path, `${secret}\n`, { mode: 0o600 });
      return path;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Starts `latchkey …` in a session of its own, so that no terminal of the person who runs the tests is asked. */
export function startLatchkey(args: readonly string[], environment: NodeJS.ProcessEnv, lines: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...LATCHKEY, ...args], { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const descriptor = child.stdio[3];
  if (descriptor && 'write' in descriptor) {
    descriptor.on('error', () => undefined);
    descriptor.end(lines.map((line) => `${line}\n`).join(''));
  }
  return child;
}

/** Waits for the end of a process and collects what it says from now on. */
export function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, json: () => oneObject(stdout, stderr) }));
  });
}

function oneObject(stdout: string, stderr: string): ReturnType<Ended['json']> {
  if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`not one JSON object on one line: ${JSON.stringify(stdout)}\n${stderr}`);
  return JSON.parse(stdout) as ReturnType<Ended['json']>;
}
