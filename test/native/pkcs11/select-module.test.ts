import { describe, expect, it } from 'vitest';
import { MODULE_VARIABLE, selectModule } from '../../../native/pkcs11/select-module.ts';

const OPENSC = '/usr/lib64/opensc-pkcs11.so';
const YKCS11 = '/usr/lib64/libykcs11.so.2';
const VENDOR = '/opt/vendor/libvendor.so';

/** [choice, module in the environment, files that are there, used, reason, found] */
const CASES: readonly (readonly [string, string | undefined, readonly string[], string | null, string, readonly string[]])[] = [
  ['automatic', undefined, [], null, 'none-found', []],
  ['automatic', undefined, [OPENSC], OPENSC, 'only', [OPENSC]],
  ['automatic', undefined, [YKCS11], YKCS11, 'only', [YKCS11]],
  ['automatic', undefined, [OPENSC, YKCS11], OPENSC, 'usual', [OPENSC, YKCS11]],
  ['automatic', '', [OPENSC], OPENSC, 'only', [OPENSC]],
  ['automatic', VENDOR, [OPENSC], VENDOR, 'environment', [VENDOR, OPENSC]],
  // Missing, it says so itself when it is used.
  ['automatic', VENDOR, [], VENDOR, 'environment', [VENDOR]],
  ['automatic', YKCS11, [OPENSC, YKCS11], YKCS11, 'environment', [YKCS11, OPENSC]],
  ['none', undefined, [OPENSC, YKCS11], null, 'none-chosen', [OPENSC, YKCS11]],
  ['none', VENDOR, [VENDOR], null, 'none-chosen', [VENDOR]],
  [YKCS11, undefined, [OPENSC, YKCS11], YKCS11, 'chosen', [YKCS11, OPENSC]],
  [YKCS11, OPENSC, [OPENSC, YKCS11], YKCS11, 'chosen', [YKCS11, OPENSC]],
  [VENDOR, undefined, [OPENSC, VENDOR], VENDOR, 'chosen', [VENDOR, OPENSC]],
  [VENDOR, undefined, [OPENSC, YKCS11], OPENSC, 'chosen-missing', [OPENSC, YKCS11]],
  [VENDOR, YKCS11, [OPENSC, YKCS11], YKCS11, 'chosen-missing', [YKCS11, OPENSC]],
  [VENDOR, undefined, [], null, 'chosen-missing', []],
];

describe('the module that is used', () => {
  it.each(CASES)('%s, environment %s, there %j: %s (%s)', async (choice, inEnvironment, there, used, reason, found) => {
    const environment = { [MODULE_VARIABLE]: inEnvironment };
    const selection = await selectModule(choice, { platform: 'linux', environment, exists: async (path) => there.includes(path) });
    expect({ ...selection, found: selection.found.map(({ path }) => path) }).toEqual({ choice, used, reason, found });
  });

  it('is named where its file is known by name', async () => {
    const { found } = await selectModule('/opt/mine/libykcs11.so', { platform: 'linux', environment: { [MODULE_VARIABLE]: VENDOR }, exists: async () => true });
    expect(found.slice(0, 2)).toEqual([{ path: '/opt/mine/libykcs11.so', name: 'ykcs11' }, { path: VENDOR, name: null }]);
  });
});
