import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PresentSecurityKey, SecurityKeys, SecurityKeysSituation } from '../../../core/security-key.ts';
import { connectionProblem, serviceFailure } from '../../../native/pcsc/errors.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { startOtherProgram, type OtherProgram } from './other-program.ts';
import { keyWithSerial, nextSituation, presentKeys } from './situations.ts';

const PIN = '123456';

describe('a card that others use too', () => {
  let pcscd: PrivatePcscd;
  let key: VirtualYubiKey;
  let insertion: VpcdInsertion;
  let other: OtherProgram;
  let keys: SecurityKeys;
  let readerName: string;

  beforeAll(async () => {
    pcscd = await startPrivatePcscd({ readers: 1 });
    process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
    readerName = pcscd.readerNames[0] ?? '';
    key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5210001 });
    insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
  });
  beforeEach(async () => {
    other = await startOtherProgram(pcscd, readerName, 'some program');
    keys = createSecurityKeys({ moduleChoice: 'none', limits: { connectMilliseconds: 1500 } });
  });
  afterEach(async () => {
    await keys.close();
    await other.end();
  });
  afterAll(async () => {
    await insertion?.close();
    await pcscd?.close();
  });

  const isBusy = (situation: SecurityKeysSituation): boolean => problemOf(presentKeys(situation)?.[0]) === 'security-key-busy';
  const problemOf = (present: PresentSecurityKey | undefined): string | undefined => (present?.kind === 'problem' ? present.failure.kind : undefined);

  test('held exclusively: busy, with the name of the holder; let go: shown, without anybody asking', async () => {
    await keyWithSerial(keys, key.serial);
    await other.tell('connect exclusively');
    const busy = { ok: false, failure: { kind: 'security-key-busy', holder: 'some program' } };
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual(busy);
    await nextSituation(keys, isBusy);
    await other.tell('let go');
    await keyWithSerial(keys, key.serial);
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: true });
  });

  test('in a transaction that does not end: busy, after the limit and not later', async () => {
    await keyWithSerial(keys, key.serial);
    await other.tell('connect and begin a transaction');
    const startedAt = performance.now();
    expect(await keys.at(readerName).verifyPin(PIN)).toMatchObject({ failure: { kind: 'security-key-busy' } });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await other.tell('let go');
    await keyWithSerial(keys, key.serial);
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: true });
  });

  test('in a transaction that ends: waited for', async () => {
    await keyWithSerial(keys, key.serial);
    await other.tell('connect and begin a transaction');
    const verified = keys.at(readerName).verifyPin(PIN);
    await other.tell('let go');
    expect(await verified).toEqual({ ok: true });
  });

  test.each(['reset', 'unpower'])('%s by another program: connected all the same', async (line) => {
    await keyWithSerial(keys, key.serial);
    for (let round = 0; round < 3; round++) {
      await other.tell(line);
      expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: true });
    }
  });

  test('calls at the same time take turns', async () => {
    await keyWithSerial(keys, key.serial);
    const calls = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? keys.at(readerName).verifyPin(PIN) : keys.at(readerName).facts()));
    expect((await Promise.all(calls)).map((result) => result.ok)).toEqual(calls.map(() => true));
    expect(key.bugs).toEqual([]);
  });

  test('a key pulled while it works is removed, not unresponsive', async () => {
    await keyWithSerial(keys, key.serial);
    for (const pullAfterCommands of [0, 2, 3]) {
      key.setFaults({ pullAfterCommands });
      expect(await keys.at(readerName).changePin('000000', '246813')).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
      key.setFaults({});
      await nextSituation(keys, (situation) => presentKeys(situation)?.length === 0);
      await insertion.insert();
      await keyWithSerial(keys, key.serial);
    }
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: true });
  });

  test.runIf(process.getuid?.() === 0)('a socket that one may not open is "access denied", not "not running"', async () => {
    const script = "import { createSecurityKeys } from './native/security-keys.ts'; const keys = createSecurityKeys({ moduleChoice: 'none' }); keys.watch((s) => { if (s.kind === 'starting') return; console.log(JSON.stringify(s)); process.exit(); });";
    const nobody = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script], {
      uid: 65534,
      gid: 65534,
      env: { ...pcscd.environment, TMPDIR: '/tmp/' },
      encoding: 'utf8',
    });
    expect(JSON.parse(nobody.stdout || nobody.stderr)).toMatchObject({ kind: 'unavailable', failure: { kind: 'smart-card-access-denied' } });
  });
});

describe("pcsc-mini's codes", () => {
  test.each([
    ['RemovedCard', 'removed'],
    ['UnknownReader', 'removed'],
    ['ResetCard', 'reset'],
    ['UnpoweredCard', 'reset'],
    ['SharingViolation', 'sharing-violation'],
    ['UnresponsiveCard', 'unresponsive'],
    ['NoService', 'service-stopped'],
    ['SecurityViolation', 'access-denied'],
    ['SomethingNew', 'unresponsive'],
  ])('%s is %s', (code, problem) => {
    expect(connectionProblem(code)).toBe(problem);
  });

  test("polkit's refusal is access denied", () => {
    expect(serviceFailure('SecurityViolation').kind).toBe('smart-card-access-denied');
    process.env['PCSCLITE_CSOCK_NAME'] = '/nonexistent/pcscd.comm';
    expect(serviceFailure('NoService').kind).toBe('smart-card-service-missing');
  });
});
