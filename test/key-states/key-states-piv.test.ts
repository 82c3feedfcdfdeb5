import { beforeAll, describe, expect, test } from 'vitest';
import { directKey, MODELS, modelKey } from '../native/piv/direct-access.ts';
import { ACTIONS } from './actions.ts';
import { buildKey, makeWorld, type World } from './build-key.ts';
import { expectedCell, runCell } from './cell.ts';
import { STATE_NAMES, STATES } from './states.ts';
import { traitsOfModel } from './traits.ts';
import type { YubiKeyState } from '../../native/virtual-yubikey/state.ts';

const SERIAL = 5_210_001;
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});

describe.each(MODELS)('without a module, %s', (model) => {
  describe.each(STATE_NAMES)('%s', (state) => {
    let before: YubiKeyState;
    beforeAll(async () => {
      before = await buildKey(STATES[state], model, SERIAL, world);
    });

    test.each(ACTIONS)('$name', async (action) => {
      const key = modelKey(model, { serial: SERIAL, state: before });
      const found = await runCell(action, STATES[state], { securityKey: directKey(key), before, exportState: () => key.exportState() }, world);
      expect(found).toEqual(expectedCell(action, STATES[state], traitsOfModel(model)));
      expect(key.bugs).toEqual([]);
    });
  });
});
