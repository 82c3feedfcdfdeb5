/**
 * An endless loop keeps the event loop busy, so that no timer of the test's own could end it. A thread of its own can: it
 * says which property it was, and at which case, and ends the process, which vitest reports as a failure.
 */
import { Worker } from 'node:worker_threads';

/** The slowest honest case takes some 100 ms; a machine that swaps is given more. */
const LIMIT_MILLISECONDS = 60_000;

export interface Watchdog {
  /** A case begins. */
  beat(): void;
  stop(): Promise<void>;
}

const PATROL = `
  const { workerData: { beats, name, limit } } = require('node:worker_threads');
  for (;;) {
    const before = Atomics.load(beats, 0);
    Atomics.wait(beats, 0, before, limit);
    if (Atomics.load(beats, 0) !== before) continue;
    require('node:fs').writeSync(2, 'A case does not end: ' + name + ', case ' + before + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
`;

/** `name`: what is being checked, for the last words. `limitMilliseconds` is for its own test. */
export function startWatchdog(name: string, limitMilliseconds = LIMIT_MILLISECONDS): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  // Without the loaders of this process, which would wait for its event loop.
  const worker = new Worker(PATROL, { eval: true, execArgv: [], workerData: { beats, name, limit: limitMilliseconds } });
  worker.unref();
  return {
    beat: () => void Atomics.add(beats, 0, 1),
    stop: async () => {
      await worker.terminate();
    },
  };
}
