import { asyncProperty } from 'fast-check';
import { test } from 'vitest';
import { fromHex, toHex } from '../../core/bytes.ts';
import { INS } from '../../native/piv/identifiers.ts';
import { CardRun } from './card-run.ts';
import { type Start, optionsOf, start } from './card-starts.ts';
import { AS_IT_IS, type Step, noise, steps } from './card-steps.ts';
import { evenRsaElements } from './import-elements.ts';
import { check } from './property-runs.ts';

const OPENED: Start = { name: '5.7.1, factory', isTouched: true, isOpened: true };
const sent = (ins: number, p1: number, p2: number, hex: string): Step => ({ kind: 'command', name: 'once failed', write: () => ({ ins, p1, p2, data: fromHex(hex) }), form: AS_IT_IS });
/** An RSA key of 2048 bits whose factors are 1 and the modulus. */
const MODULUS_AS_FACTOR = `010101${'02820100' + '80'.padEnd(512, '0')}030100040100050101`;

/** What once failed. */
const ONCE_FAILED: [Start, readonly Step[]][] = [
  [OPENED, [sent(INS.IMPORT_KEY, 0x07, 0x9a, MODULUS_AS_FACTOR)]],
  // Attestation keys that cannot sign.
  [OPENED, [sent(INS.IMPORT_KEY, 0x07, 0xf9, toHex(evenRsaElements)), sent(INS.GENERATE_ASYMMETRIC, 0, 0x9a, 'ac03800111'), sent(INS.ATTEST, 0x9a, 0, '')]],
  [OPENED, [sent(INS.GENERATE_ASYMMETRIC, 0, 0xf9, 'ac038001e1'), sent(INS.GENERATE_ASYMMETRIC, 0, 0x9a, 'ac03800111'), sent(INS.ATTEST, 0x9a, 0, '')]],
];

async function carryOut(start: Start, sequence: readonly Step[]): Promise<void> {
  const run = new CardRun(optionsOf(start));
  await run.begin(start.isOpened);
  for (const step of sequence) await run.take(step);
  await run.end();
}

test('whatever is asked of it, in whatever order, it answers, and gives no right away', () => check('virtual key: sequences of commands', asyncProperty(start, steps(25), carryOut), ONCE_FAILED));

test('noise is answered like that too', () => check('virtual key: noise on the wire', asyncProperty(start, noise, carryOut)));
