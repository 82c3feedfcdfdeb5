import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../core/bytes.ts';
import { FACTORY, OBJECT } from '../../../native/piv/identifiers.ts';
import { authenticate, randomManagementKey, setManagementKey } from '../../../native/piv/management-key.ts';
import { readManagementKeyMetadata } from '../../../native/piv/metadata.ts';
import { readObject, writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { PivSession } from '../../../native/piv/session.ts';
import { findTlv } from '../../../native/piv/tlv.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { readObject as readStored } from '../../../native/virtual-yubikey/state.ts';
import { directKey, FIRMWARES, openPiv, outcome, value, virtualKey } from './direct-access.ts';

const PIN = FACTORY.PIN;
const FACTORY_HEX = toHex(FACTORY.MANAGEMENT_KEY);

/** The key inside PRINTED, in hex, as the card remembers it. */
function printedKey(key: VirtualYubiKey): string | undefined {
  const printed = readStored(key.exportState(), OBJECT.PRINTED);
  const inner = printed && findTlv(printed, 0x88);
  const stored = inner && findTlv(inner, 0x89);
  return stored && toHex(stored);
}

async function unlockedSession(key: VirtualYubiKey): Promise<PivSession> {
  const session = await openPiv(key);
  value(await verifyPin(session, PIN));
  const { algorithm } = value(await readManagementKeyMetadata(session));
  value(await authenticate(session, { algorithm, value: FACTORY.MANAGEMENT_KEY }));
  return session;
}

describe.each(FIRMWARES)('protecting the management key on firmware %s', (firmware) => {
  test('a factory key becomes a random one in PRINTED, flagged in ADMIN DATA', async () => {
    const key = virtualKey(firmware);
    value(await directKey(key).protectManagementKey(PIN));
    const { managementKey, objects } = key.exportState();
    expect(managementKey.value).not.toBe(FACTORY_HEX);
    expect(printedKey(key)).toBe(managementKey.value);
    expect(managementKey.algorithm).toBe(firmware === '5.7.1' ? 'AES-192' : '3DES');
    expect(Buffer.from(objects['5fff00'] ?? '', 'base64').toString('hex')).toBe('8003810102');
    expect(key.bugs).toEqual([]);
  });

  test('a second time changes nothing', async () => {
    const key = virtualKey(firmware);
    value(await directKey(key).protectManagementKey(PIN));
    const before = key.exportState();
    value(await directKey(key).protectManagementKey(PIN));
    expect(key.exportState()).toEqual(before);
  });

  test('a foreign PRINTED object is left alone', async () => {
    const key = virtualKey(firmware);
    const foreign = fromHex('010941646120412e204c2e'); // Printed Information as an agency writes it: tag 01 is a name
    value(await writeObject(await unlockedSession(key), OBJECT.PRINTED, foreign));
    expect(outcome(await directKey(key).protectManagementKey(PIN))).toBe('printed-object-in-use');
    expect(readStored(key.exportState(), OBJECT.PRINTED)).toEqual(foreign);
    expect(key.exportState().managementKey.value).toBe(FACTORY_HEX);
  });

  test("other programs' fields in both objects are kept", async () => {
    const key = virtualKey(firmware);
    const session = await unlockedSession(key);
    value(await writeObject(session, OBJECT.PRINTED, fromHex('8803810101')));
    value(await writeObject(session, OBJECT.ADMIN_DATA, fromHex('8009810101830460000000')));
    value(await directKey(key).protectManagementKey(PIN));
    expect(toHex(readStored(key.exportState(), OBJECT.PRINTED) ?? new Uint8Array())).toBe(`881d8101018918${printedKey(key)}`);
    expect(toHex(readStored(key.exportState(), OBJECT.ADMIN_DATA) ?? new Uint8Array())).toBe('8009810103830460000000');
  });

  test('a management key that somebody else set stays, unknown', async () => {
    const key = virtualKey(firmware);
    const session = await unlockedSession(key);
    const { algorithm } = value(await readManagementKeyMetadata(session));
    value(await setManagementKey(session, randomManagementKey(algorithm)));
    const before = key.exportState();
    expect(outcome(await directKey(key).protectManagementKey(PIN))).toBe('management-key-unknown');
    expect(key.exportState()).toEqual(before);
  });

  test('a wrong PIN changes nothing and tells the attempts left', async () => {
    const key = virtualKey(firmware);
    expect(await directKey(key).protectManagementKey('000000')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(key.exportState().managementKey.value).toBe(FACTORY_HEX);
    expect(printedKey(key)).toBeUndefined();
  });

  test('PRINTED cannot be read without the PIN', async () => {
    const key = virtualKey(firmware);
    value(await directKey(key).protectManagementKey(PIN));
    key.reset();
    expect(await readObject(await openPiv(key), OBJECT.PRINTED)).toEqual({ ok: false, failure: { kind: 'card-error', instruction: 'GET_DATA', statusWord: 0x6982 } });
  });

  test.each(['command', 'answer'] as const)('pulled at every command (the %s is lost), it is finished by the next call', async (pullLoses) => {
    let isCut = true;
    for (let commands = 0; isCut; commands++) {
      const key = virtualKey(firmware);
      key.setFaults({ pullAfterCommands: commands, pullLoses });
      isCut = outcome(await directKey(key).protectManagementKey(PIN)) === 'security-key-removed';
      const { managementKey, pin } = key.exportState();
      expect([FACTORY_HEX, printedKey(key)], `known after ${commands} commands`).toContain(managementKey.value);
      expect(pin.attemptsLeft).toBe(3);

      key.setFaults({});
      key.powerOn();
      value(await directKey(key).protectManagementKey(PIN));
      const finished = key.exportState();
      expect(finished.managementKey.value, `finished after ${commands} commands`).not.toBe(FACTORY_HEX);
      expect(printedKey(key)).toBe(finished.managementKey.value);
      expect(finished.objects['5fff00']).toBe(Buffer.from('8003810102', 'hex').toString('base64'));
      expect(finished.pin.attemptsLeft).toBe(3);
      expect(key.bugs).toEqual([]);
      if (!isCut) expect(commands).toBeGreaterThan(9);
    }
  });
});
