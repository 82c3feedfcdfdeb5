/**
 * `npm run bench [-- --json] [SUITE …]`: measures against programs that are not ours, on this machine, in this run.
 * With --json standard output is `{"results":[{"name","value","unit","better","limit"}]}`, otherwise a table. Exit code 1
 * where a limit is not kept.
 */
import { benchIssuing } from './bench/authority/issuing.ts';
import { benchOcsp } from './bench/authority/ocsp.ts';
import { benchEnrollment } from './bench/enroll.ts';
import { benchIdle } from './bench/idle.ts';
import { benchShowing } from './bench/showing.ts';
import { benchWindow } from './bench/window.ts';
import { formatTable, isWithinLimit, type BenchResult } from './bench/results.ts';

const SUITES: Readonly<Record<string, (tell: (line: string) => void) => Promise<readonly BenchResult[]>>> = {
  enroll: benchEnrollment,
  window: benchWindow,
  showing: benchShowing,
  idle: benchIdle,
  issuing: benchIssuing,
  ocsp: benchOcsp,
};

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('-'));
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const results: BenchResult[] = [];
for (const [name, suite] of Object.entries(SUITES)) {
  if (wanted.length === 0 || wanted.includes(name)) results.push(...(await suite(tell)));
}
process.stdout.write(args.includes('--json') ? `${JSON.stringify({ results })}\n` : `${formatTable(results)}\n`);
process.exitCode = results.every(isWithinLimit) ? 0 : 1;
