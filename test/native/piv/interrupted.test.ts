import { describe, expect, test } from 'vitest';
import { FACTORY, OBJECT } from '../../../native/piv/identifiers.ts';
import { readObject } from '../../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import type { Result } from '../../../core/result.ts';
import { directKey, FIRMWARES, outcome, value, virtualKey } from './direct-access.ts';
import { testCertificate } from './test-certificate.ts';

const PIN = FACTORY.PIN;
const GENERATE = { pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } as const;

interface Action {
  readonly name: string;
  /** What has happened before. */
  readonly prepare: (key: VirtualYubiKey) => Promise<Uint8Array>;
  readonly act: (key: VirtualYubiKey, certificate: Uint8Array) => Promise<Result<unknown>>;
  readonly check: (key: VirtualYubiKey, certificate: Uint8Array) => Promise<void>;
}

async function protectedKey(key: VirtualYubiKey): Promise<Uint8Array> {
  value(await directKey(key).protectManagementKey(PIN));
  return new Uint8Array();
}

async function generatedKey(key: VirtualYubiKey): Promise<Uint8Array> {
  await protectedKey(key);
  return testCertificate(value(await directKey(key).generateKey(GENERATE)));
}

const ACTIONS: readonly Action[] = [
  {
    name: 'generating a key',
    prepare: protectedKey,
    act: (key) => directKey(key).generateKey(GENERATE),
    check: async (key) => expect(value(await directKey(key).facts()).authentication.keyPair?.keyType).toBe('ECCP256'),
  },
  {
    name: 'writing a certificate',
    prepare: generatedKey,
    act: (key, certificate) => directKey(key).writeCertificate(PIN, certificate),
    check: async (key, certificate) => {
      expect(value(await directKey(key).facts()).authentication.certificate).toEqual(certificate);
      expect(readObject(key.exportState(), OBJECT.CHUID)).toBeDefined();
    },
  },
  {
    name: 'signing',
    prepare: generatedKey,
    act: (key) => directKey(key).sign(PIN, new Uint8Array(2000)),
    check: async (key) => expect(outcome(await directKey(key).sign(PIN, new Uint8Array(1)))).toBe('ok'),
  },
  {
    name: 'attesting',
    prepare: generatedKey,
    act: (key) => directKey(key).attest(),
    check: async (key) => expect(outcome(await directKey(key).attest())).toBe('ok'),
  },
  {
    name: 'reading the facts',
    prepare: generatedKey,
    act: (key) => directKey(key).facts(),
    check: async (key) => expect(outcome(await directKey(key).facts())).toBe('ok'),
  },
  {
    name: 'reading the inventory',
    prepare: generatedKey,
    act: (key) => directKey(key).inventory(),
    check: async (key) => expect(value(await directKey(key).inventory()).map(({ slot }) => slot)).toEqual(['9a']),
  },
];

describe.each(FIRMWARES)('the key pulled at every command on firmware %s', (firmware) => {
  test.each(ACTIONS)('$name is finished afterwards, and no attempt is lost', async ({ prepare, act, check }) => {
    const key = virtualKey(firmware);
    const certificate = await prepare(key);
    const { managementKey } = key.exportState();
    let isCut = true;
    for (let commands = 0; isCut; commands++) {
      key.setFaults({ pullAfterCommands: commands, pullLoses: commands % 2 === 0 ? 'command' : 'answer' });
      isCut = outcome(await act(key, certificate)) === 'security-key-removed';
      key.setFaults({});
      key.powerOn();
      if (isCut) expect(outcome(await act(key, certificate)), `again, after ${commands} commands`).toBe('ok');
      else expect(commands).toBeGreaterThan(3);
      await check(key, certificate);
      const state = key.exportState();
      expect([state.pin.attemptsLeft, state.puk.attemptsLeft]).toEqual([3, 3]);
      expect(state.managementKey).toEqual(managementKey);
    }
    expect(key.bugs).toEqual([]);
  });
});

test.each(FIRMWARES)('PIN and PUK changes cut off on firmware %s leave the old value or the new, and all attempts', async (firmware) => {
  for (let commands = 0; commands < 6; commands++) {
    for (const pullLoses of ['command', 'answer'] as const) {
      const key = virtualKey(firmware);
      key.setFaults({ pullAfterCommands: commands, pullLoses });
      const changed = [await directKey(key).changePin(PIN, '246813')];
      key.powerOn();
      changed.push(await directKey(key).changePuk(FACTORY.PUK, '87654321'));
      key.setFaults({});
      key.powerOn();
      const state = key.exportState();
      for (const result of changed) expect(['ok', 'security-key-removed']).toContain(outcome(result));
      const [pin, puk] = [state.pin.value, state.puk.value].map((hex) => Buffer.from(hex, 'hex').toString('latin1').replace(/\xff+$/, ''));
      expect([PIN, '246813']).toContain(pin);
      expect([FACTORY.PUK, '87654321']).toContain(puk);
      expect([state.pin.attemptsLeft, state.puk.attemptsLeft]).toEqual([3, 3]);
    }
  }
});
