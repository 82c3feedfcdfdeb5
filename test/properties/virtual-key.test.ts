import { asyncProperty } from 'fast-check';
import { test } from 'vitest';
import { CardRun } from './card-run.ts';
import { type Start, optionsOf, start } from './card-starts.ts';
import { type Step, noise, steps } from './card-steps.ts';
import { check } from './property-runs.ts';

async function carryOut(start: Start, sequence: readonly Step[]): Promise<void> {
  const run = new CardRun(optionsOf(start));
  await run.begin(start.isOpened);
  for (const step of sequence) await run.take(step);
  await run.end();
}

test('whatever is asked of it, in whatever order, it answers, and gives no right away', () => check('virtual key: sequences of commands', asyncProperty(start, steps(25), carryOut)));

test('noise is answered like that too', () => check('virtual key: noise on the wire', asyncProperty(start, noise, carryOut)));
