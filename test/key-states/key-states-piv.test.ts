import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import { directKey, MODELS, modelKey } from '../native/piv/direct-access.ts';
import { ACTIONS } from './actions.ts';
import { buildKey, makeWorld, type World } from './build-key.ts';
import { expectedCell, runCell } from './cell.ts';
import { TableReport } from './report.ts';
import { STATE_NAMES, STATES } from './states.ts';
import { traitsOfModel } from './traits.ts';

const SERIAL = 5_210_001;
const report = new TableReport();
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => report.write('', 'without a module'));

describe.each(MODELS)('without a module, %s', (model) => {
  describe.each(STATE_NAMES)('%s', (state) => {
    let before: YubiKeyState;
    beforeAll(async () => {
      before = await buildKey(STATES[state], model, SERIAL, world);
    });

    test.each(ACTIONS)('$name', async (action) => {
      const key = modelKey(model, { serial: SERIAL, state: before });
      const found = await runCell(action, STATES[state], { securityKey: directKey(key), before, exportState: () => key.exportState() }, world);
      report.note(model, state, action.name, found);
      expect(found).toEqual(expectedCell(action, STATES[state], traitsOfModel(model, null)));
      expect(key.bugs).toEqual([]);
    });
  });
});
