/**
 * How many cases the properties see, and from which seed. As `npm test` runs them, all files of this folder take about
 * 40 seconds of two cores together. A million cases, which take a quarter of an hour:
 *
 *   LATCHKEY_PROPERTY_RUNS=1000000 npx vitest run test/properties
 *
 * LATCHKEY_PROPERTY_SEED is another seed than the fixed one. Both are printed for each property. What once failed stays:
 * as an example, beside the property that it broke.
 */
import { type IAsyncPropertyWithHooks, type IPropertyWithHooks, assert } from 'fast-check';
import { vi } from 'vitest';
import { startWatchdog } from './watchdog.ts';

const DEFAULT_RUNS = 30_000;
const DEFAULT_SEED = 20_261_125;

// A million cases take as long as they take; one that does not end is the watchdog's.
vi.setConfig({ testTimeout: 0 });

/** The properties, and the part of all cases that each sees. Together they are 1. */
const SHARES = {
  'TLV: any bytes': 0.06,
  'TLV: there and back': 0.03,
  'APDUs: any bytes': 0.03,
  'APDUs: there and back': 0.03,
  'chains: commands to the card': 0.03,
  'chains: answers from the card': 0.02,
  'certificate objects: any bytes': 0.05,
  'certificate objects: compressed': 0.02,
  'metadata: changed and any': 0.04,
  'device information: changed and any': 0.03,
  'public keys: changed and any': 0.03,
  'certificates: changed and any': 0.03,
  'attestation: changed': 0.02,
  'slots for a person: changed': 0.01,
  'ADMIN DATA and PRINTED of other programs': 0.03,
  'virtual key: sequences of commands': 0.4,
  'virtual key: noise on the wire': 0.05,
  'our side: a card that answers noise': 0.04,
  'our side: a card that lies now and then': 0.05,
} as const satisfies Readonly<Record<string, number>>;

export type PropertyName = keyof typeof SHARES;

const RUNS = numberFrom('LATCHKEY_PROPERTY_RUNS', DEFAULT_RUNS);
const SEED = numberFrom('LATCHKEY_PROPERTY_SEED', DEFAULT_SEED);

function numberFrom(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error(`${variable} is no whole number: ${text}`);
  return number;
}

/** Cases of one property. */
function casesOf(name: PropertyName): number {
  return Math.max(1, Math.ceil(RUNS * SHARES[name]));
}

/** Checks a property with its share of the cases; `examples` go first. A case that does not end is the watchdog's. */
export async function check<Case>(
  name: PropertyName,
  property: IPropertyWithHooks<Case> | IAsyncPropertyWithHooks<Case>,
  examples: Case[] = [],
): Promise<void> {
  const [cases, start] = [casesOf(name), performance.now()];
  const watchdog = startWatchdog(`${name}, seed ${SEED}`);
  try {
    await assert(
      property.beforeEach(() => watchdog.beat()),
      { numRuns: cases + examples.length, seed: SEED, examples },
    );
  } finally {
    await watchdog.stop();
    console.log(`${name}: ${cases} cases, seed ${SEED}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** The sum of all shares, for the test that it is 1. */
export function sumOfShares(): number {
  return Object.values(SHARES).reduce((sum, share) => sum + share, 0);
}
