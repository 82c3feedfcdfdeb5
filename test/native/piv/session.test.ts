import { describe, expect, test } from 'vitest';
import { FACTORY, OBJECT } from '../../../native/piv/identifiers.ts';
import { authenticate } from '../../../native/piv/management-key.ts';
import { readObject, writeObject } from '../../../native/piv/objects.ts';
import { CardSession, selectPiv } from '../../../native/piv/session.ts';
import { openPiv, outcome, value, virtualKey } from './direct-access.ts';

describe('a session', () => {
  test('reads the firmware of a YubiKey', async () => {
    expect((await openPiv(virtualKey('5.4.3'))).firmware).toEqual({ major: 5, minor: 4, patch: 3 });
  });

  test.each([1, 246, 247, 255, 256, 512, 3000])('chains a command and its answer of %i bytes', async (length) => {
    const key = virtualKey('5.4.3');
    const session = await openPiv(key);
    value(await authenticate(session, { algorithm: '3DES', value: FACTORY.MANAGEMENT_KEY }));
    const content = Uint8Array.from({ length }, (_, index) => index % 251);
    value(await writeObject(session, OBJECT.CCC, content));
    expect(value(await readObject(session, OBJECT.CCC))).toEqual(content);
    expect(key.bugs).toEqual([]);
  });

  test('a status word that nothing explains is a card-error', async () => {
    const session = await openPiv(virtualKey('5.4.3'));
    expect(await session.ask('PUT_DATA', { p1: 0x3f, p2: 0xff, data: Uint8Array.of(0x5c, 3, 0x5f, 0xc1, 7, 0x53, 0) })).toEqual({
      ok: false,
      failure: { kind: 'card-error', instruction: 'PUT_DATA', statusWord: 0x6982 },
    });
  });

  test('a pulled key and a card in other hands are failures, not throws', async () => {
    const key = virtualKey('5.4.3');
    key.setFaults({ sharingViolations: 1 });
    expect(outcome(await selectPiv(key))).toBe('security-key-busy');
    expect(outcome(await selectPiv(key))).toBe('ok');
    key.powerOff();
    expect(outcome(await selectPiv(key))).toBe('security-key-removed');
  });

  test('a bug of ours is thrown, not turned into a failure', async () => {
    const session = new CardSession({ transmit: () => Promise.reject(new TypeError('a bug')) });
    await expect(session.send({ ins: 0x20 })).rejects.toThrow('a bug');
  });
});
