/**
 * The table over a PKCS#11 module: real pcscd, real module, and one key a model that stays in its reader while its memory
 * is replaced, because an insertion takes pcscd the better part of a second, and there are hundreds of cells.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecurityKey, SecurityKeys } from '../../core/security-key.ts';
import type { ModuleName } from '../../native/pkcs11/locate.ts';
import { createSecurityKeys } from '../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import type { YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { keyWithSerial, nextSituation, presentKeys } from '../native/pcsc/situations.ts';
import { MODELS, modelKey, type Model } from '../native/piv/direct-access.ts';
import { ACTIONS, type Action } from './actions.ts';
import { buildKey, makeWorld, type World } from './build-key.ts';
import { expectedCell, runCell } from './cell.ts';
import { TableReport } from './report.ts';
import { STATE_NAMES, STATES, type StateName } from './states.ts';
import { traitsOfModel } from './traits.ts';

/** The actions that do not go through the module are done over it on one model and in these states: elsewhere they are what they are without it. */
const OTHERS_ON: Model = '5.7.1';
const OTHERS_IN: readonly StateName[] = ['enrolled', 'PIN blocked', 'PUK blocked', 'PIN and PUK blocked', 'management key derived from the PIN', 'management key unknown', 'certificate of another key', 'reset cut off, both blocked'];

function isInTable(model: Model, state: StateName, action: Action): boolean {
  return action.isThroughModule ?? (model === OTHERS_ON && OTHERS_IN.includes(state));
}

let lastSerial = 5_210_100;

export function keyStatesThroughModule(module: ModuleName, modulePath: string): void {
  describe(`over ${module}`, () => {
    const report = new TableReport();
    let world: World;
    let pcscd: PrivatePcscd;
    let keys: SecurityKeys;
    beforeAll(async () => {
      world = await makeWorld();
      pcscd = await startPrivatePcscd({ readers: 1 });
      // libpcsclite looks for its socket once.
      process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
      keys = createSecurityKeys({ moduleChoice: modulePath });
    });
    afterAll(async () => {
      report.write(`-${module.toLowerCase()}`, `over ${module}`);
      await keys?.close();
      await pcscd?.close();
    });

    describe.each(MODELS)('%s', (model) => {
      let key: VirtualYubiKey;
      let insertion: VpcdInsertion;
      let securityKey: SecurityKey;
      beforeAll(async () => {
        key = modelKey(model, { serial: ++lastSerial });
        insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
        securityKey = keys.at((await keyWithSerial(keys, key.serial)).readerName);
      });
      afterAll(async () => {
        await insertion.close();
        await nextSituation(keys, (situation) => presentKeys(situation)?.length === 0);
        expect(key.bugs).toEqual([]);
      });

      describe.each(STATE_NAMES)('%s', (state) => {
        let before: YubiKeyState;
        beforeAll(async () => {
          before = await buildKey(STATES[state], model, key.serial, world);
        });

        test.each(ACTIONS.filter((action) => isInTable(model, state, action)))('$name', async (action) => {
          key.importState(before);
          const found = await runCell(action, STATES[state], { securityKey, before, exportState: () => key.exportState() }, world);
          report.note(model, state, action.name, found);
          expect(found).toEqual(expectedCell(action, STATES[state], traitsOfModel(model, module)));
        });
      });
    });
  });
}
