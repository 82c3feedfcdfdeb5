/** The modules of this computer as a person sees and switches them, over a real pcscd. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../core/result.ts';
import type { KeyProof, ModuleChoice, ModulesFacts, SecurityKeys } from '../../../core/security-key.ts';
import { locateModules } from '../../../native/pkcs11/locate.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { keyWithSerial } from '../pcsc/situations.ts';
import { certify9a, generateIn9a } from './inserted-key.ts';
import { compileModule, MISBEHAVIOUR } from './misbehaving-module.ts';

const PIN = '123456';
const [OPENSC = '', YKCS11 = ''] = (await locateModules({ environment: {} })).map(({ path }) => path);

let folder: string;
let pcscd: PrivatePcscd;
let keys: SecurityKeys;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-chosen-'));
  pcscd = await startPrivatePcscd({ readers: 1 });
  process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
});
afterEach(() => keys.close());
afterAll(async () => {
  await pcscd.close();
  await rm(folder, { recursive: true });
});

function use(moduleChoice: ModuleChoice): void {
  keys = createSecurityKeys({ moduleChoice, pkcs11: { limits: { description: 1000 } } });
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

describe('the list', () => {
  it('has both of this machine, with what they tell of themselves', async () => {
    use('automatic');
    expect(value(await keys.modules())).toEqual({
      choice: 'automatic',
      used: OPENSC,
      reason: 'usual',
      found: [
        { path: OPENSC, name: 'OpenSC', version: expect.stringMatching(/^OpenSC smartcard framework 0\.\d+$/), failure: null },
        { path: YKCS11, name: 'ykcs11', version: expect.stringMatching(/^PKCS#11 PIV Library \(SP-800-73\) 2\.\d+$/), failure: null },
      ],
    } satisfies ModulesFacts);
  });

  it.each(Object.keys(MISBEHAVIOUR) as (keyof typeof MISBEHAVIOUR)[])('has one that %s beside the others, which are well', async (behaviour) => {
    const path = compileModule(folder, behaviour);
    use(path);
    const { used, reason, found } = value(await keys.modules());
    expect({ used, reason }).toEqual({ used: path, reason: 'chosen' });
    expect(found.map((module) => module.version !== null)).toEqual([behaviour === 'works', true, true]);
    const failure = behaviour === 'hangs' ? { kind: 'module-failed', module: path, detail: 'C_Initialize: no answer in 1 s' } : { kind: 'module-crashed', module: path };
    expect(found[0]?.failure).toEqual(behaviour === 'works' ? null : failure);
  });

  it('says when the chosen one is gone, and that the best other is used', async () => {
    use(join(folder, 'removed.so'));
    expect(value(await keys.modules())).toMatchObject({ choice: join(folder, 'removed.so'), used: OPENSC, reason: 'chosen-missing', found: [{ path: OPENSC }, { path: YKCS11 }] });
  });
});

describe('with a key', () => {
  let key: VirtualYubiKey;
  let certificate: Uint8Array;
  let insertion: VpcdInsertion;

  beforeEach(() => use('automatic'));

  async function insertKey(touchPolicy: 'never' | 'always', serial: number): Promise<void> {
    key = new VirtualYubiKey({ firmware: '5.4.3', serial });
    certificate = await certify9a(key, await generateIn9a(key, 'ECCP256', { touchPolicy }));
    insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
    await keyWithSerial(keys, key.serial);
  }
  afterEach(() => insertion.close());

  const prove = async (onActivity?: () => void): Promise<KeyProof> => value(await keys.at(pcscd.readerNames[0] ?? '').prove(PIN, certificate, onActivity));

  it('the choice holds from the next call on, and nothing is asked of the key for it', async () => {
    await insertKey('never', 5210101);
    expect((await prove()).module?.path).toBe(OPENSC);
    await keys.at(pcscd.readerNames[0] ?? '').facts();
    const { apdus } = key.statistics;
    const chosen = value(await keys.chooseModule(YKCS11));
    expect(key.statistics.apdus).toBe(apdus);
    expect(chosen).toMatchObject({ choice: YKCS11, used: YKCS11, reason: 'chosen', found: [{ path: YKCS11 }, { path: OPENSC }] });
    expect((await prove()).module?.path).toBe(YKCS11);
    expect(value(await keys.chooseModule('none'))).toMatchObject({ used: null, reason: 'none-chosen' });
    expect((await prove()).through).toBe('piv');
    await keys.chooseModule('automatic');
    expect((await prove()).module?.path).toBe(OPENSC);
  });

  it('what runs goes on with the module it began with, and the list does not wait for it', async () => {
    await insertKey('always', 5210102);
    let chosen: ModulesFacts | undefined;
    const proof = await new Promise<KeyProof>((resolve, reject) => {
      const chooseThenTouch = async (): Promise<void> => {
        await waitForTouch(key);
        chosen = value(await keys.chooseModule(YKCS11));
        key.touch();
      };
      prove(() => void chooseThenTouch().catch(reject)).then(resolve, reject);
    });
    expect(chosen?.found.map(({ failure }) => failure)).toEqual([null, null]);
    expect(proof.module?.path).toBe(OPENSC);
  });
});

function waitForTouch(key: VirtualYubiKey): Promise<void> {
  return new Promise((resolve) => {
    const stop = key.watch(({ isWaitingForTouch }) => {
      if (!isWaitingForTouch) return;
      stop();
      resolve();
    });
    if (key.status.isWaitingForTouch) resolve();
  });
}
