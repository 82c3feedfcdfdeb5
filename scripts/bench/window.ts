/**
 * Our window beside a bare one, in turn, on the same Electron under Xvfb, each with a fresh profile: from spawn to the
 * first screen that can be used, and the memory of all processes (PSS, so that shared pages are counted once) when both
 * have come to rest.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startPrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { electronRuntime } from '../electron-runtime.ts';
import { startVirtualDisplay } from '../virtual-display.ts';
import { BARE_ENTRY, startApp, TELLS_USABLE } from './app-process.ts';
import { buildForBench } from './build-for-bench.ts';
import { memoryOf } from './memory.ts';
import { fact, median, rounded, type BenchResult } from './results.ts';

const WARM_UP_ROUNDS = 1;
const ROUNDS = 7;
/** By then the device process is up, other screens are fetched, and collected garbage is gone. */
const REST_MS = 3_000;

interface Sample {
  readonly startMs: number;
  readonly memoryMiB: number;
  readonly processes: number;
}

export async function benchWindow(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const { executable, version } = await electronRuntime(tell);
  const ourEntry = await buildForBench();
  const [display, pcscd] = [await startVirtualDisplay(), await startPrivatePcscd({ readers: 1 })];
  const environment = { ...pcscd.environment, DISPLAY: display.name };
  const samples = { bare: [] as Sample[], ours: [] as Sample[] };
  try {
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const bare = await sample(executable, { ...environment, LATCHKEY_BENCH_ENTRY: BARE_ENTRY });
      const ours = await sample(executable, { ...environment, LATCHKEY_BENCH_ENTRY: ourEntry });
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
  const app = await startApp(executable, TELLS_USABLE, environment);
  try {
    const startMs = (await app.heard('usable')) - app.startedAt;
    await sleep(REST_MS);
    const { mebibytes, processes } = await memoryOf(app.pid);
    return { startMs, memoryMiB: mebibytes, processes };
  } finally {
    await app.end();
  }
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
