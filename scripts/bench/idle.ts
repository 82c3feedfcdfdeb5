/**
 * The app at rest: its window is shown, a key is plugged in, and nobody does anything for a minute. A bare window on the
 * same Electron rests beside it in the same minute.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { electronRuntime } from '../electron-runtime.ts';
import { startVirtualDisplay } from '../virtual-display.ts';
import { BARE_ENTRY, startApp, TELLS_KEY, TELLS_USABLE, type AppProcess } from './app-process.ts';
import { startBenchKey } from './bench-key.ts';
import { buildForBench } from './build-for-bench.ts';
import { processTree, statOf } from './process-tree.ts';
import { fact, rounded, type BenchResult } from './results.ts';

/** By then other screens are fetched, the module is loaded, and garbage is collected. */
const SETTLED_MS = 20_000;
const REST_MS = 60_000;
/** sysconf(_SC_CLK_TCK) of every Linux that Electron runs on. */
const TICKS_PER_SECOND = 100;
const LIMIT_PERCENT = 0.5;
const SERIAL = 5_210_023;

export async function benchIdle(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const { executable } = await electronRuntime(tell);
  const entry = await buildForBench();
  const display = await startVirtualDisplay();
  const key = await startBenchKey();
  const environment = { ...key.environment, DISPLAY: display.name };
  try {
    await key.insert('5.7.1', SERIAL, 'enrolled');
    const ours = await startApp(executable, TELLS_KEY, { ...environment, LATCHKEY_BENCH_ENTRY: entry, LATCHKEY_BENCH_SERIAL: String(SERIAL) });
    const bare = await startApp(executable, TELLS_USABLE, { ...environment, LATCHKEY_BENCH_ENTRY: BARE_ENTRY });
    try {
      await Promise.all([ours.heard('shown'), bare.heard('usable')]);
      await sleep(SETTLED_MS);
      tell(`idle: at rest for ${REST_MS / 1000} s`);
      const before = [await ticksOf(ours), await ticksOf(bare), (await key.report()).apdus] as const;
      await sleep(REST_MS);
      const after = [await ticksOf(ours), await ticksOf(bare), (await key.report()).apdus] as const;
      return resultsOf({ ours: after[0] - before[0], bare: after[1] - before[1], commands: after[2] - before[2] });
    } finally {
      await Promise.all([ours.end(), bare.end()]);
    }
  } finally {
    await key.close();
    await display.close();
  }
}

/** Processor time of all processes of an app, in ticks: fields utime and stime (proc(5), /proc/PID/stat, 14 and 15). */
async function ticksOf({ pid }: AppProcess): Promise<number> {
  const stats = await Promise.all((await processTree(pid)).map(statOf));
  return stats.reduce((sum, stat) => sum + Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0), 0);
}

function resultsOf({ ours, bare, commands }: { readonly ours: number; readonly bare: number; readonly commands: number }): readonly BenchResult[] {
  const percent = (ticks: number): number => rounded((ticks / TICKS_PER_SECOND / (REST_MS / 1000)) * 100);
  return [
    { name: 'idle/processor', value: percent(ours), unit: '% of one', better: 'lower', limit: LIMIT_PERCENT },
    { name: 'idle/commands', value: commands, unit: 'commands a minute', better: 'lower', limit: 0 },
    fact('idle/processor-bare', percent(bare), '% of one'),
  ];
}
