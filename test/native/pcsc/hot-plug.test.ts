/** Keys and readers that come, go and change places while something is done with them. */
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { CardDisposition, CardMode, Client, type Reader } from 'pcsc-mini';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PresentSecurityKey, SecurityKeys, SecurityKeysSituation } from '../../../core/security-key.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { certify9a, generateIn9a, KeyInReader } from '../pkcs11/inserted-key.ts';
import { movingSocket, type MovingSocket } from './moving-socket.ts';
import { keyWithSerial, nextSituation, presentKeys } from './situations.ts';

const PIN = '123456';
const WRONG_PIN = '000000';
const REMOVED = { ok: false, failure: { kind: 'security-key-removed' } };

let socket: MovingSocket;
let pcscd: PrivatePcscd;
let keys: SecurityKeys;
let lastSerial = 5210500;
const insertions: VpcdInsertion[] = [];

beforeAll(async () => {
  socket = await movingSocket();
  await startPcscd();
});
beforeEach(() => {
  keys = createSecurityKeys({ moduleChoice: 'none' });
});
afterEach(async () => {
  for (const insertion of insertions.splice(0)) await insertion.close();
  // pcscd notices up to 400 ms later. A watcher that is closed at that very moment may wait a minute (native/pcsc/readers.ts).
  await nextSituation(keys, isEmpty);
  await keys.close();
});
afterAll(async () => {
  await pcscd.close();
  await socket.remove();
});

async function startPcscd(): Promise<void> {
  pcscd = await startPrivatePcscd({ readers: 2 });
  await socket.pointTo(pcscd.socketPath);
}
async function endPcscd(): Promise<void> {
  await socket.pointNowhere();
  process.kill(pcscd.processId, 'SIGKILL');
  await pcscd.close();
}

const readerName = (reader: 0 | 1): string => pcscd.readerNames[reader] ?? '';
const newKey = (): VirtualYubiKey => new VirtualYubiKey({ firmware: '5.4.3', serial: ++lastSerial });
async function insert(key: VirtualYubiKey, reader: 0 | 1 = 0): Promise<VpcdInsertion> {
  const insertion = await insertIntoVpcd(key, { port: pcscd.ports[reader] ?? 0 });
  insertions.push(insertion);
  return insertion;
}
const isEmpty = (situation: SecurityKeysSituation): boolean => presentKeys(situation)?.length === 0;
const glance = (present: PresentSecurityKey): string => `${present.readerName.slice(-2)} ${present.kind === 'ready' ? present.facts.serial : present.kind}`;

test('two keys in turn, ten times: each is noticed within a second, is read once, and goes', async () => {
  const turns = [newKey(), newKey()];
  const [first, second] = turns;
  if (!first || !second) throw new Error('no keys');
  const inReader = new KeyInReader(first);
  await nextSituation(keys, isEmpty);
  const seen: string[] = [];
  keys.watch((situation) => seen.push(presentKeys(situation)?.map(glance).join() ?? situation.kind));
  const noticedAfter: number[] = [];
  const insertion = await insert(inReader.proxy);
  for (let round = 0; round < 10; round++) {
    inReader.current = round % 2 === 0 ? first : second;
    const insertedAt = performance.now();
    const inserted = insertion.insert();
    await keyWithSerial(keys, inReader.current.serial);
    noticedAfter.push(performance.now() - insertedAt);
    await inserted;
    await insertion.remove();
    await nextSituation(keys, isEmpty);
  }
  // pcscd looks every 400 ms. The median, for the machine may be busy with something else for a moment.
  expect(noticedAfter.toSorted((a, b) => a - b)[5]).toBeLessThan(1000);
  const rounds = Array.from({ length: 10 }, (_, round) => ['00 reading', `00 ${turns[round % 2]?.serial}`, '']);
  expect(seen).toEqual(['', ...rounds.flat()]);
});

describe('two keys that change places', () => {
  let [one, two]: [VirtualYubiKey, VirtualYubiKey] = [newKey(), newKey()];

  async function pullBoth(): Promise<void> {
    for (const insertion of insertions.splice(0)) await insertion.close();
    await nextSituation(keys, isEmpty);
  }
  const insertSwapped = (): Promise<unknown> => Promise.all([insert(one, 1), insert(two, 0)]);
  beforeEach(async () => {
    [one, two] = [newKey(), newKey()];
    await Promise.all([insert(one, 0), insert(two, 1)]);
    await keyWithSerial(keys, one.serial);
    await keyWithSerial(keys, two.serial);
  });

  test('a handle follows its key to the other reader', async () => {
    const [handleOfOne, handleOfTwo] = [keys.at(readerName(0)), keys.at(readerName(1))];
    await pullBoth();
    expect(await handleOfOne.facts()).toEqual(REMOVED);
    await insertSwapped();
    await keyWithSerial(keys, one.serial);
    await keyWithSerial(keys, two.serial);
    expect(await handleOfOne.facts()).toMatchObject({ ok: true, value: { serial: one.serial, readerName: readerName(1) } });
    expect(await handleOfTwo.facts()).toMatchObject({ ok: true, value: { serial: two.serial, readerName: readerName(0) } });
  });

  test('a PIN is never tried on the other key, however early it is asked for', async () => {
    const handle = keys.at(readerName(0));
    await pullBoth();
    const inserted = insertSwapped();
    const kinds: string[] = [];
    for (; kinds.at(-1) !== 'pin-wrong'; await setImmediate()) {
      const result = await handle.verifyPin(WRONG_PIN);
      kinds.push(result.ok ? 'ok' : result.failure.kind);
    }
    await inserted;
    expect([...new Set(kinds)]).toEqual(['security-key-removed', 'pin-wrong']);
    expect([one, two].map((key) => key.exportState().pin.attemptsLeft)).toEqual([2, 3]);
  });
});

describe('a reader that vanishes', () => {
  test('and comes back under another name: a handle finds its key there', async () => {
    const key = newKey();
    const insertion = await insert(key, 0);
    await keyWithSerial(keys, key.serial);
    const handle = keys.at(readerName(0));
    await endPcscd();
    expect(await nextSituation(keys, ({ kind }) => kind === 'unavailable')).toMatchObject({ failure: { kind: 'smart-card-service-missing' } });
    expect(await handle.verifyPin(PIN)).toEqual(REMOVED);
    await insertion.close();
    await startPcscd();
    await insert(key, 1);
    expect((await keyWithSerial(keys, key.serial)).readerName).toBe(readerName(1));
    expect(await handle.verifyPin(PIN)).toEqual({ ok: true });
  });

  test('while its key waits for a finger: the call ends, and works when the reader is back', async () => {
    const key = newKey();
    await certify9a(key, await generateIn9a(key, 'ECCP256', { touchPolicy: 'always' }));
    const insertion = await insert(key);
    await keyWithSerial(keys, key.serial);
    const handle = keys.at(readerName(0));
    const message = new TextEncoder().encode('message');
    const signed = await new Promise<unknown>((resolve) => {
      const answer = handle.sign(PIN, message, () => void endPcscd());
      void answer.then(resolve);
    });
    expect(signed).toMatchObject({ ok: false, failure: { kind: expect.stringMatching(/^(smart-card-service-missing|security-key-removed)$/) } });
    await nextSituation(keys, ({ kind }) => kind === 'unavailable');
    await insertion.close();
    await startPcscd();
    await insert(key);
    await keyWithSerial(keys, key.serial);
    key.setAutoTouch(true);
    expect(await handle.sign(PIN, message)).toMatchObject({ ok: true });
    expect(key.exportState().pin.attemptsLeft).toBe(3);
  });
});

describe('reading anew', () => {
  test('shows what another program has changed; asked twice at once, it reads once', async () => {
    const key = newKey();
    await insert(key);
    await keyWithSerial(keys, key.serial);
    await generateIn9a(key, 'ECCP256');
    keys.refresh();
    await keyWithSerial(keys, key.serial, ({ authentication }) => authentication.keyPair?.keyType === 'ECCP256');
    /** Commands that the key hears until the work, and a reading after it, are done. */
    const apdus = async (work: () => void): Promise<number> => {
      const before = key.statistics.apdus;
      work();
      expect(await keys.at(readerName(0)).facts()).toMatchObject({ ok: true });
      return key.statistics.apdus - before;
    };
    const oneReading = await apdus(() => undefined);
    expect(await apdus(() => (keys.refresh(), keys.refresh()))).toBe(2 * oneReading);
  });

  test('finds out that another key is in the reader, where nobody told', async () => {
    const [before, after] = [newKey(), newKey()];
    const inReader = new KeyInReader(before);
    await insert(inReader.proxy);
    await keyWithSerial(keys, before.serial);
    const handle = keys.at(readerName(0));
    inReader.current = after;
    expect(await handle.facts()).toEqual(REMOVED);
    await keyWithSerial(keys, after.serial);
    inReader.current = before;
    keys.refresh();
    await keyWithSerial(keys, before.serial);
    expect(await handle.verifyPin(PIN)).toEqual({ ok: true });
  });

  test('is not needed after looking at the key: its slots and its statements change nothing', async () => {
    const key = newKey();
    await generateIn9a(key, 'ECCP256');
    await insert(key);
    await keyWithSerial(keys, key.serial);
    let told = 0;
    const handle = keys.at(readerName(0));
    keys.watch(() => (told += 1));
    expect(await handle.inventory()).toMatchObject({ ok: true, value: [{ slot: '9a' }] });
    expect(await handle.attest()).toMatchObject({ ok: true });
    const { apdus } = key.statistics;
    await wait(600); // facts are read anew 250 ms after a change
    expect(key.statistics.apdus).toBe(apdus);
    // A change is: it is read a moment later, though the inventory is asked for in between.
    await generateIn9a(key, 'RSA2048');
    await handle.verifyPin(PIN);
    await handle.inventory();
    expect(told).toBe(1);
    await keyWithSerial(keys, key.serial, ({ authentication }) => authentication.keyPair?.keyType === 'RSA2048');
    expect(told).toBe(2);
  });
});

test('idle: no command reaches the key, and others have it for themselves whenever they want', async () => {
  const key = newKey();
  await insert(key);
  await keyWithSerial(keys, key.serial);
  const { apdus } = key.statistics;
  const client = new Client();
  const reader = await new Promise<Reader>((resolve) => client.on('reader', (found) => found.name() === readerName(0) && resolve(found)).start());
  for (const beganAt = performance.now(); performance.now() - beganAt < 3000; ) {
    const card = await reader.connect(CardMode.EXCLUSIVE);
    await card.disconnect(CardDisposition.LEAVE);
  }
  client.stop();
  expect(key.statistics.apdus).toBe(apdus);
});
