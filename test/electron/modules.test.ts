import { expect, test, vi } from 'vitest';
import { failed, success } from '../../core/result.ts';
import type { ModulesFacts } from '../../core/security-key.ts';
import { keysHandlers } from '../../electron/main/handlers/keys.ts';
import { modulesHandlers } from '../../electron/main/handlers/modules.ts';

const OPENSC = '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so';
const YKCS11 = '/usr/lib/x86_64-linux-gnu/libykcs11.so.2';
const facts: ModulesFacts = {
  choice: 'automatic',
  found: [
    { path: OPENSC, name: 'OpenSC', version: 'OpenSC Project 0.23', failure: null },
    { path: YKCS11, name: 'ykcs11', version: null, failure: { kind: 'module-crashed', module: YKCS11 } },
  ],
  used: OPENSC,
  reason: 'usual',
};

function setUp() {
  const done: string[] = [];
  const keys = {
    modules: vi.fn(async () => success(facts)),
    chooseModule: vi.fn(async (choice: string) => (done.push(`used ${choice}`), success({ ...facts, choice }))),
  };
  const settings = { chooseModule: vi.fn(async (choice: string) => void done.push(`kept ${choice}`)) };
  return { done, handlers: modulesHandlers(keys, settings) };
}

test('a module that was found can be chosen; it is kept before it is used', async () => {
  const { done, handlers } = setUp();
  expect(await handlers['modules.view']({})).toEqual(success(facts));
  expect(await handlers['modules.choose']({ choice: YKCS11 })).toEqual(success({ ...facts, choice: YKCS11 }));
  expect(done).toEqual([`kept ${YKCS11}`, `used ${YKCS11}`]);
});

test.each(['automatic', 'none'])('%s can always be chosen', async (choice) => {
  const { done, handlers } = setUp();
  await handlers['modules.choose']({ choice });
  expect(done).toEqual([`kept ${choice}`, `used ${choice}`]);
});

test('the window cannot have a file of its own loaded as a module', async () => {
  const { done, handlers } = setUp();
  await handlers['modules.view']({});
  await expect(Promise.resolve(handlers['modules.choose']({ choice: '/tmp/evil.so' }))).rejects.toThrow('not offered');
  expect(done).toEqual([]);
});

test('the program that holds the key is asked to let go', async () => {
  const releaseHolder = vi.fn();
  const handlers = keysHandlers({ situation: { kind: 'starting' }, start: () => undefined, releaseHolder });
  releaseHolder.mockResolvedValueOnce(success(undefined));
  expect(await handlers['keys.releaseHolder']({})).toEqual(success(null));
  releaseHolder.mockResolvedValueOnce(failed({ kind: 'holder-not-releasable', holder: 'firefox' }));
  expect(await handlers['keys.releaseHolder']({})).toEqual(failed({ kind: 'holder-not-releasable', holder: 'firefox' }));
});
