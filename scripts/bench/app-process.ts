import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WITHIN_MS = 60_000;

/** The bare window's main process, for LATCHKEY_BENCH_ENTRY. */
export const BARE_ENTRY = fileURLToPath(new URL('./bare-window/main.mjs', import.meta.url));

/** Entries that tell what happens in the window: when it can be used, or when a key is shown. */
export const TELLS_USABLE = fileURLToPath(new URL('./measured-app.mjs', import.meta.url));
export const TELLS_KEY = fileURLToPath(new URL('./key-shown-app.mjs', import.meta.url));

/** An Electron app with a fresh profile. */
export interface AppProcess {
  readonly pid: number;
  /** When it was started, in milliseconds of the epoch. */
  readonly startedAt: number;
  /** The number in the next line that begins with `word`, from where the last one was found on. Rejects after a minute. */
  heard(word: string): Promise<number>;
  /** Ends it and removes its profile. */
  end(): Promise<void>;
}

/** `environment` names the app to measure in LATCHKEY_BENCH_ENTRY. */
export async function startApp(executable: string, entry: string, environment: NodeJS.ProcessEnv): Promise<AppProcess> {
  const profile = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  // Ours and the bare one alike: as root Electron starts only without the system's sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const startedAt = Date.now();
  const app = spawn(executable, [entry, `--user-data-dir=${profile}`, '--lang=en-US', ...sandbox], { env: { ...environment, HOME: profile }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = new SpokenLines(app);
  return {
    pid: app.pid ?? 0,
    startedAt,
    heard: (word) => lines.next(word),
    end: async () => {
      await end(app);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What a process says on standard output, line by line, whenever it is asked for. */
class SpokenLines {
  #lines: string[] = [];
  #rest = '';
  #errors = '';
  #hasEnded = false;
  #changed: () => void = () => undefined;

  constructor(app: ChildProcess) {
    app.stderr?.on('data', (chunk: Buffer) => (this.#errors = (this.#errors + chunk.toString()).slice(-2_000)));
    app.stdout?.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      this.#changed();
    });
    app.once('close', () => {
      this.#hasEnded = true;
      this.#changed();
    });
  }

  async next(word: string): Promise<number> {
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const at = this.#lines.findIndex((line) => line.startsWith(`${word} `));
      const [found] = at === -1 ? [] : this.#lines.splice(0, at + 1).slice(-1);
      if (found !== undefined) return Number(found.slice(word.length + 1));
      if (this.#hasEnded) throw new Error(`the app ended before it said "${word}": ${this.#errors}`);
      if (Date.now() >= deadline) throw new Error(`the app did not say "${word}" in time: ${this.#errors}`);
      await this.#change(deadline - Date.now());
    }
  }

  #change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function end(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const closed = once(app, 'close');
  app.kill('SIGTERM');
  const timer = setTimeout(() => app.kill('SIGKILL'), 5_000);
  await closed;
  clearTimeout(timer);
}
