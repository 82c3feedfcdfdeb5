/**
 * From the insertion of a key to its serial in the window: the real app under Xvfb, a virtual key on a private pcscd, again
 * and again in the same running app. Counted is what comes on top of what no program can avoid, taken from the very same
 * insertion: the time until pcscd tells a program with nothing but pcsc-mini that there is a card, and the key's own time.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { electronRuntime } from '../electron-runtime.ts';
import { startVirtualDisplay } from '../virtual-display.ts';
import { startApp, TELLS_KEY, type AppProcess } from './app-process.ts';
import { startBenchKey, TSX_ARGUMENTS, type BenchKey } from './bench-key.ts';
import { buildForBench } from './build-for-bench.ts';
import type { CardNews } from './card-listener.ts';
import { fact, median, rounded, type BenchResult } from './results.ts';

/** The key that tells least, and the one with most to tell. */
const KEYS = [
  { name: 'new', firmware: '5.4.3', content: 'factory', serial: 5_210_021 },
  { name: 'enrolled', firmware: '5.7.1', content: 'enrolled', serial: 5_210_022 },
] as const;
const ROUNDS = 7;
/** By then whatever the app asks of the key after it is shown has been asked. */
const SETTLED_MS = 1_500;
const LIMIT_MS = 150;
const LIMIT_COMMANDS = 25;

interface Sample {
  /** From pcscd's word to the serial in the window. */
  readonly shownMs: number;
  readonly cardMs: number;
  readonly commands: number;
}

export async function benchShowing(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const { executable } = await electronRuntime(tell);
  const entry = await buildForBench();
  const display = await startVirtualDisplay();
  const key = await startBenchKey();
  const listener = fork(fileURLToPath(new URL('./card-listener.ts', import.meta.url)), { execArgv: TSX_ARGUMENTS, env: key.environment });
  const results: BenchResult[] = [];
  try {
    for (const one of KEYS) {
      const app = await startApp(executable, TELLS_KEY, { ...key.environment, DISPLAY: display.name, LATCHKEY_BENCH_ENTRY: entry, LATCHKEY_BENCH_SERIAL: String(one.serial) });
      try {
        const samples = await insertAgainAndAgain(one, { key, listener, app }, tell);
        results.push(...resultsOf(one.name, samples));
      } finally {
        await app.end();
      }
    }
  } finally {
    listener.disconnect();
    await key.close();
    await display.close();
  }
  return results;
}

/** The first insertion warms up: screens are fetched, a module is loaded. */
async function insertAgainAndAgain(one: (typeof KEYS)[number], at: { readonly key: BenchKey; readonly listener: ChildProcess; readonly app: AppProcess }, tell: (line: string) => void): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const heard = nextNews(at.listener, true);
    const inserted = at.key.insert(one.firmware, one.serial, one.content);
    const [heardAt, shownAt] = await Promise.all([heard, at.app.heard('shown'), inserted]);
    await sleep(SETTLED_MS);
    const { apdus, cardMs } = await at.key.report();
    const gone = nextNews(at.listener, false);
    await Promise.all([at.key.remove(), at.app.heard('gone'), gone]);
    const sample = { shownMs: shownAt - heardAt, cardMs, commands: apdus };
    tell(`showing ${one.name} ${round === 0 ? 'warm-up' : `round ${round}`}: ${sample.shownMs.toFixed(0)} ms after pcscd, ${cardMs.toFixed(0)} of them the key's, ${apdus} commands`);
    if (round > 0) samples.push(sample);
  }
  return samples;
}

/** When the listener next hears that a card is there, or is not. */
function nextNews(listener: ChildProcess, isPresent: boolean): Promise<number> {
  return new Promise((resolve) => {
    const onNews = (news: unknown): void => {
      const { isPresent: isThere, at } = news as CardNews;
      if (isThere !== isPresent) return;
      listener.off('message', onNews);
      resolve(at);
    };
    listener.on('message', onNews);
  });
}

function resultsOf(name: string, samples: readonly Sample[]): readonly BenchResult[] {
  const overs = samples.map(({ shownMs, cardMs }) => shownMs - cardMs);
  return [
    { name: `showing/${name}`, value: rounded(median(overs)), unit: 'ms over the key', better: 'lower', limit: LIMIT_MS },
    { name: `showing/${name}-commands`, value: Math.max(...samples.map(({ commands }) => commands)), unit: 'commands', better: 'lower', limit: LIMIT_COMMANDS },
    fact(`showing/${name}-worst`, Math.max(...overs), 'ms over the key'),
    fact(`showing/${name}-key`, median(samples.map(({ cardMs }) => cardMs)), 'ms'),
    fact(`showing/${name}-rounds`, samples.length, 'rounds'),
  ];
}
