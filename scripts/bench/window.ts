/**
 * Our window beside a bare one, in turn, on the same Electron under Xvfb, each with a fresh profile: from spawn to the
 * first screen that can be used, and the memory of all processes (PSS, so that shared pages are counted once) when both
 * have come to rest.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { APP_FOLDER, build } from '../build.ts';
import { electronRuntime } from '../electron-runtime.ts';
import { BUILD_FOLDER } from '../paths.ts';
import { startVirtualDisplay } from '../virtual-display.ts';
import { memoryOf } from './memory.ts';
import { fact, median, rounded, type BenchResult } from './results.ts';

const WARM_UP_ROUNDS = 1;
const ROUNDS = 7;
/** By then the device process is up, other screens are fetched, and collected garbage is gone. */
const REST_MS = 3_000;
const USABLE_WITHIN_MS = 60_000;

const ENTRY = fileURLToPath(new URL('./measured-app.mjs', import.meta.url));
const OURS = join(BUILD_FOLDER, 'bench-app');
const BARE = fileURLToPath(new URL('./bare-window/main.mjs', import.meta.url));

interface Sample {
  readonly startMs: number;
  readonly memoryMiB: number;
  readonly processes: number;
}

export async function benchWindow(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const { executable, version } = await electronRuntime(tell);
  await build();
  // A copy, because a build that somebody starts meanwhile clears the folder first.
  await rm(OURS, { recursive: true, force: true });
  await cp(APP_FOLDER, OURS, { recursive: true });
  const [display, pcscd] = [await startVirtualDisplay(), await startPrivatePcscd({ readers: 1 })];
  const environment = { ...pcscd.environment, DISPLAY: display.name };
  const samples = { bare: [] as Sample[], ours: [] as Sample[] };
  try {
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const bare = await sample(executable, { ...environment, LATCHKEY_BENCH_ENTRY: BARE });
      const ours = await sample(executable, { ...environment, LATCHKEY_BENCH_ENTRY: join(OURS, 'main/main.js') });
      tell(`window ${round < 0 ? 'warm-up' : `round ${round + 1}`} (Electron ${version}): bare ${words(bare)}, ours ${words(ours)}`);
      if (round < 0) continue;
      samples.bare.push(bare);
      samples.ours.push(ours);
    }
  } finally {
    await pcscd.close();
    await display.close();
  }
  return resultsOf(samples);
}

/** One start with a fresh profile, its memory at rest, and its end. */
async function sample(executable: string, environment: NodeJS.ProcessEnv): Promise<Sample> {
  const profile = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  // Ours and the bare one alike: as root Electron starts only without the system's sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const start = Date.now();
  const app = spawn(executable, [ENTRY, `--user-data-dir=${profile}`, '--lang=en-US', ...sandbox], { env: { ...environment, HOME: profile }, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const startMs = (await usableAt(app)) - start;
    await sleep(REST_MS);
    const { mebibytes, processes } = await memoryOf(app.pid ?? 0);
    return { startMs, memoryMiB: mebibytes, processes };
  } finally {
    await end(app);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function usableAt(app: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', ''];
    const timer = setTimeout(() => reject(new Error(`no usable screen in time: ${errors}`)), USABLE_WITHIN_MS);
    app.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2_000)));
    app.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const time = /usable (\d+)/.exec(output)?.[1];
      if (time === undefined) return;
      clearTimeout(timer);
      resolve(Number(time));
    });
    app.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`the app ended before its first screen: ${errors}`));
    });
  });
}

async function end(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const closed = once(app, 'close');
  app.kill('SIGTERM');
  const timer = setTimeout(() => app.kill('SIGKILL'), 5_000);
  await closed;
  clearTimeout(timer);
}

function words({ startMs, memoryMiB, processes }: Sample): string {
  return `${startMs} ms, ${memoryMiB.toFixed(0)} MiB in ${processes} processes`;
}

function resultsOf({ bare, ours }: { readonly bare: readonly Sample[]; readonly ours: readonly Sample[] }): readonly BenchResult[] {
  const start = (samples: readonly Sample[]): number => median(samples.map(({ startMs }) => startMs));
  const memory = (samples: readonly Sample[]): number => median(samples.map(({ memoryMiB }) => memoryMiB));
  // Pair by pair, so that the comparison holds when the machine's speed drifts.
  const ratio = (figure: (sample: Sample) => number): number => rounded(median(ours.map((sample, round) => figure(sample) / figure(bare[round] ?? sample))));
  const best = (samples: readonly Sample[]): number => Math.min(...samples.map(({ startMs }) => startMs));
  return [
    { name: 'start/bare', value: ratio(({ startMs }) => startMs), unit: 'ratio', better: 'lower', limit: 1.25 },
    { name: 'memory/bare', value: ratio(({ memoryMiB }) => memoryMiB), unit: 'ratio', better: 'lower', limit: 1.2 },
    fact('start/ours', start(ours), 'ms'),
    fact('start/bare-time', start(bare), 'ms'),
    // On a busy machine the best of both tells more than the medians.
    fact('start/ours-best', best(ours), 'ms'),
    fact('start/bare-best', best(bare), 'ms'),
    fact('memory/ours', memory(ours), 'MiB'),
    fact('memory/bare-size', memory(bare), 'MiB'),
    fact('window/rounds', ours.length, 'rounds'),
  ];
}
