/**
 * `npm test`: types, rules, units and real programs (vitest), then the real Electron (Playwright) on a display of its own.
 * The last line counts every test: "N passed, N failed, N skipped".
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.ts';
import { electronRuntime } from './electron-runtime.ts';
import { BUILD_FOLDER, CHECKOUT } from './paths.ts';
import { runFromReachableCheckout } from './reachable-checkout.ts';
import { runInTerminal } from './run.ts';
import { startVirtualDisplay } from './virtual-display.ts';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** Each stage takes a third of this on two quiet cores. */
const STAGE_LIMIT_SECONDS = 1200;
const REPORTS = join(BUILD_FOLDER, 'test-reports');
const total: Count = { passed: 0, failed: 0, skipped: 0 };

/** Runs one stage and counts it as one test where it brings no report of its own. */
async function stage(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const start = performance.now();
  console.log(`\n── ${name}`);
  // A library that hangs in native code would keep the run going for ever: then the stage is ended, and has failed.
  const code = await runInTerminal('timeout', ['--kill-after=10', String(STAGE_LIMIT_SECONDS), command, ...args], { cwd: CHECKOUT, env });
  console.log(`── ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return code === 0;
}

function add(count: Count): void {
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}

/** A stage that left no report, or failed beside its tests, counts as a failure: nothing passes by not running. */
async function report<Shape>(file: string, succeeded: boolean, read: (shape: Shape) => Count): Promise<void> {
  try {
    const count = read(JSON.parse(await readFile(join(REPORTS, file), 'utf8')) as Shape);
    add(!succeeded && count.failed === 0 ? { ...count, failed: 1 } : count);
  } catch {
    add({ passed: 0, failed: 1, skipped: 0 });
  }
}

async function plain(name: string, command: string, args: readonly string[]): Promise<void> {
  const succeeded = await stage(name, command, args);
  add(succeeded ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
}

async function units(only: readonly string[]): Promise<void> {
  const succeeded = await stage('units and real programs', 'npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${join(REPORTS, 'vitest.json')}`, ...only]);
  await report<{ numPassedTests: number; numFailedTests: number; numPendingTests: number }>('vitest.json', succeeded, (shape) => ({
    passed: shape.numPassedTests,
    failed: shape.numFailedTests,
    skipped: shape.numPendingTests,
  }));
}

async function app(): Promise<void> {
  const { executable, version } = await electronRuntime(console.log);
  console.log(`\nThe app is tested on Electron ${version}`);
  await build();
  const display = await startVirtualDisplay();
  try {
    const env = { ...process.env, DISPLAY: display.name, LATCHKEY_ELECTRON: executable, PLAYWRIGHT_JSON_OUTPUT_NAME: join(REPORTS, 'playwright.json') };
    const succeeded = await stage('the app on real Electron', 'npx', ['playwright', 'test', '--reporter=list,json'], env);
    await report<{ stats: { expected: number; unexpected: number; flaky: number; skipped: number } }>('playwright.json', succeeded, ({ stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    }));
  } finally {
    await display.close();
  }
}

/** Everything; answers the exit code. */
async function testAll(only: readonly string[]): Promise<number> {
  await rm(REPORTS, { recursive: true, force: true });
  await mkdir(REPORTS, { recursive: true });
  await plain('types', 'npx', ['tsc', '-b']);
  await plain('rules', 'npx', ['oxlint', '--type-aware']);
  await units(only);
  await app();
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 ? 0 : 1;
}

const args = process.argv.slice(2);
process.exitCode = (await runFromReachableCheckout(import.meta.filename, args)) ?? (await testAll(args));
