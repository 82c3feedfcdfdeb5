import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../../../core/bytes.ts';
import { OBJECT } from '../../../../native/piv/identifiers.ts';
import { readObject } from '../../../../native/virtual-yubikey/state.ts';
import { FIRMWARES, openSharedReader, type SharedReader } from '../shared-key.ts';
import { expectAgreement, type View } from '../views.ts';
import { OUR_ACTS } from './our-acts.ts';
import { asFromFactory, pick, type Act, type Known, type World } from './world.ts';
import { YKMAN_ACTS } from './ykman-acts.ts';
import { YUBICO_PIV_TOOL_ACTS } from './yubico-piv-tool-acts.ts';

const STEPS = 40;
/** Another seed: LATCHKEY_INTEROP_SEED=7 npx vitest run test/native/interop/interleaved */
const USUAL_SEED = 2026;
const SEED = Number(process.env['LATCHKEY_INTEROP_SEED'] ?? USUAL_SEED);
/** We act half of the time. */
const SIDES = [OUR_ACTS, YKMAN_ACTS, OUR_ACTS, YUBICO_PIV_TOOL_ACTS];
/** PRINTED as it may be: a protected key, or the empty form that ykman leaves when it takes one out. */
const PRINTED_FORMS = /^(88(12|1a|22)89(10|18|20)([0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})|8800)?$/;

/** Whole numbers from a seed (Lehmer's generator, as in C++'s minstd_rand). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** How often each act was made, on all firmware. */
const made = new Map<Act, number>();
/** An act that is rare counts as if it had been made once before. */
const RARE_HANDICAP = 1;

/** By chance, among what was made least: so that everything is made, in an order that nobody thought of. */
function nextAct(world: World, step: number): Act {
  const side = SIDES[step % SIDES.length] ?? OUR_ACTS;
  const possible = side.filter(({ isPossible }) => isPossible?.(world) ?? true);
  const rank = (act: Act): number => (made.get(act) ?? 0) + (act.isRare ? RARE_HANDICAP : 0);
  const least = Math.min(...possible.map(rank));
  const act = pick(world, possible.filter((candidate) => rank(candidate) === least));
  made.set(act, (made.get(act) ?? 0) + 1);
  return act;
}

/** What all agree on is what was done. */
function expectKnown(agreed: View, { pin, managementKey, isMarkedStored, certificates }: Known): void {
  expect(agreed.pin.left).toBe(pin.left);
  if (agreed.pin.total !== null) expect(agreed.pin.total).toBe(pin.total);
  expect(agreed.managementKey.isStored).toBe(isMarkedStored);
  expect(agreed.managementKey.isDerived).toBe(false);
  if (managementKey === 'given' && agreed.managementKey.isFactory !== null) expect(agreed.managementKey.isFactory).toBe(false);
  expect(agreed.certificates).toEqual(Object.fromEntries(certificates));
}

let reader: SharedReader;
beforeAll(async () => {
  // PIN and PIN changes go through OpenSC, as on most computers.
  reader = await openSharedReader('automatic');
});
afterAll(() => reader?.close());

describe('by turns on one key', () => {
  test.each(FIRMWARES)(`firmware %s, ${STEPS} steps from the seed ${SEED}`, { timeout: 120_000 }, async (firmware) => {
    console.info(`LATCHKEY_INTEROP_SEED=${SEED}, firmware ${firmware}`);
    const shared = await reader.insert({ firmware });
    const world: World = { shared, firmware, random: randomFrom(SEED), known: asFromFactory() };
    const history: string[] = [];
    try {
      for (let step = 0; step < STEPS; step++) {
        const act = nextAct(world, step);
        history.push(act.name);
        await act.act(world);
        expectKnown(await expectAgreement(shared), world.known);
        await expectOurView(world);
        expect(toHex(readObject(shared.state, OBJECT.PRINTED) ?? new Uint8Array())).toMatch(PRINTED_FORMS);
      }
    } catch (error) {
      throw new Error(`Firmware ${firmware}, seed ${SEED}, after: ${history.join('; ')}`, { cause: error });
    } finally {
      await shared.close();
    }
  });

  test('nothing was left out', () => {
    const leftOut = [...OUR_ACTS, ...YKMAN_ACTS, ...YUBICO_PIV_TOOL_ACTS].filter((act) => !made.has(act)).map(({ name }) => name);
    // Not all can be done at all times: another seed may have led past one.
    if (SEED !== USUAL_SEED && leftOut.length > 0) return console.info(`skipped: with the seed ${SEED} these did not come: ${leftOut.join('; ')}`);
    expect(leftOut).toEqual([]);
  });
});

/** What only we tell: the PUK, and which key pair is where. */
async function expectOurView({ shared, known }: World): Promise<void> {
  const { puk } = await shared.facts();
  if (puk.attemptsLeft !== null) expect(puk).toMatchObject({ attemptsLeft: known.puk.left, attemptsTotal: known.puk.total });
  const keyPairs = (await shared.inventory()).flatMap(({ slot, keyPair }) => (keyPair ? [[slot, toHex(keyPair.publicKey)]] : []));
  expect(Object.fromEntries(keyPairs)).toEqual(Object.fromEntries([...known.keyPairs].map(([slot, publicKey]) => [slot, toHex(publicKey)])));
}
