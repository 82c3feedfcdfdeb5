import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sumOfShares } from './property-runs.ts';

const ENDLESS = `
  import { startWatchdog } from ${JSON.stringify(new URL('./watchdog.ts', import.meta.url).href)};
  const watchdog = startWatchdog('an endless loop', 200);
  for (let beats = 0; ; beats++) if (beats < 3) watchdog.beat();
`;

test('an endless loop is named and ended', async () => {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', ENDLESS], { timeout: 60_000, killSignal: 'SIGTERM' });
  await expect(run).rejects.toMatchObject({ signal: 'SIGKILL', stderr: 'A case does not end: an endless loop, case 3\n' });
});

test('every case belongs to a property', () => {
  expect(sumOfShares()).toBeCloseTo(1);
});
