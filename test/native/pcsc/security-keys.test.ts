import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CardDisposition, CardMode, Client, type Reader } from 'pcsc-mini';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecurityKeys, SecurityKeysSituation } from '../../../core/security-key.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { movingSocket, type MovingSocket } from './moving-socket.ts';
import { keyWithSerial, nextSituation, presentKeys } from './situations.ts';

const isEmpty = (situation: SecurityKeysSituation): boolean => presentKeys(situation)?.length === 0;
const isUnavailable = (situation: SecurityKeysSituation): boolean => situation.kind === 'unavailable';

// One story: each test goes on where the one before ended.
describe.sequential('readers that come and go', () => {
  let socket: MovingSocket;
  let keys: SecurityKeys;
  let pcscd: PrivatePcscd;
  let insertion: VpcdInsertion;
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5210001 });

  beforeAll(async () => {
    socket = await movingSocket();
    keys = createSecurityKeys({ moduleChoice: 'none' });
  });
  afterAll(async () => {
    await insertion?.close();
    await keys.close();
    await pcscd?.close();
    await socket.remove();
  });

  test('no pcscd: the service is missing', async () => {
    const situation = await nextSituation(keys, ({ kind }) => kind !== 'starting');
    expect(situation).toMatchObject({ kind: 'unavailable', failure: { kind: 'smart-card-service-missing' } });
    expect(await keys.at('no reader').facts()).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
  });

  test('pcscd started later is found, without anybody asking', async () => {
    pcscd = await startPrivatePcscd({ readers: 1 });
    await socket.pointTo(pcscd.socketPath);
    await nextSituation(keys, isEmpty);
  });

  test('a key is shown within a second of its insertion, first as being read', async () => {
    const seen: string[] = [];
    const stop = keys.watch((situation) => seen.push(presentKeys(situation)?.[0]?.kind ?? 'none'));
    const startedAt = performance.now();
    insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
    const facts = await keyWithSerial(keys, key.serial);
    expect(performance.now() - startedAt).toBeLessThan(1500); // pcscd alone looks every 400 ms
    expect(facts.model).toBe('YubiKey 5C');
    stop();
    expect(seen).toEqual(['none', 'reading', 'ready']);
  });

  test('pcscd dies: told, and no call hangs', async () => {
    const [readerName = ''] = pcscd.readerNames;
    await socket.pointNowhere();
    await pcscd.close();
    expect(await nextSituation(keys, isUnavailable)).toMatchObject({ failure: { kind: 'smart-card-service-missing' } });
    expect(await keys.at(readerName).verifyPin('123456')).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
  });

  test('pcscd is there again: found, with the key', async () => {
    await insertion.close();
    pcscd = await startPrivatePcscd({ readers: 1 });
    await socket.pointTo(pcscd.socketPath);
    await nextSituation(keys, isEmpty);
    insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
    await keyWithSerial(keys, key.serial);
    expect(await keys.at(pcscd.readerNames[0] ?? '').verifyPin('123456')).toEqual({ ok: true });
  });

  test('three more deaths of pcscd leave this process alive', async () => {
    for (let death = 0; death < 3; death++) {
      await insertion.close();
      await socket.pointNowhere();
      await pcscd.close();
      await nextSituation(keys, isUnavailable);
      pcscd = await startPrivatePcscd({ readers: 1 });
      await socket.pointTo(pcscd.socketPath);
      await nextSituation(keys, isEmpty);
    }
    // pcsc-mini throws where nothing can catch it, when a client whose pcscd died is collected: see readers.ts.
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    for (let round = 0; round < 10; round++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test('nobody is kept from the card: it is not in use while nothing is done with it', async () => {
    insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
    await keyWithSerial(keys, key.serial);
    await keys.at(pcscd.readerNames[0] ?? '').verifyPin('123456');
    const client = new Client();
    const reader = await new Promise<Reader>((resolve) => client.on('reader', resolve).start());
    const card = await reader.connect(CardMode.EXCLUSIVE);
    await card.disconnect(CardDisposition.LEAVE);
    client.stop();
  });

  test('after close nothing is told, and calls fail', async () => {
    const told: SecurityKeysSituation[] = [];
    keys.watch((situation) => told.push(situation));
    await keys.close();
    told.length = 0;
    await insertion.remove();
    expect(told).toEqual([]);
    expect(await keys.at(pcscd.readerNames[0] ?? '').facts()).toMatchObject({ ok: false });
  });
});
