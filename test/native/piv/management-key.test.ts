import { describe, expect, test } from 'vitest';
import type { ManagementKeyAlgorithm } from '../../../core/security-key.ts';
import { FACTORY } from '../../../native/piv/identifiers.ts';
import { authenticate, randomManagementKey, setManagementKey } from '../../../native/piv/management-key.ts';
import { readManagementKeyMetadata } from '../../../native/piv/metadata.ts';
import { openPiv, outcome, value, virtualKey } from './direct-access.ts';

const FACTORY_3DES = { algorithm: '3DES', value: FACTORY.MANAGEMENT_KEY } as const;

describe('the management key', () => {
  test.each([
    ['4.3.7', '3DES'],
    ['5.4.3', '3DES'],
    ['5.7.1', 'AES-192'],
  ] as const)('firmware %s leaves the factory with %s', async (firmware, algorithm) => {
    const session = await openPiv(virtualKey(firmware));
    expect(value(await readManagementKeyMetadata(session)).algorithm).toBe(algorithm);
    expect(outcome(await authenticate(session, { algorithm, value: FACTORY.MANAGEMENT_KEY }))).toBe('ok');
  });

  test.each(['3DES', 'AES-128', 'AES-192', 'AES-256'] satisfies ManagementKeyAlgorithm[])('%s: set, authenticated, another one refused', async (algorithm) => {
    const session = await openPiv(virtualKey('5.4.3'));
    value(await authenticate(session, FACTORY_3DES));
    const key = randomManagementKey(algorithm);
    value(await setManagementKey(session, key));
    expect(value(await readManagementKeyMetadata(session))).toEqual({ algorithm, isFactory: false, touchPolicy: 'never' });
    expect(outcome(await authenticate(session, randomManagementKey(algorithm)))).toBe('management-key-unknown');
    expect(outcome(await authenticate(session, key))).toBe('ok');
  });

  test('a card that does not know the key cannot pretend to: its own proof is checked', async () => {
    const key = virtualKey('5.4.3');
    const liar = {
      transmit: async (command: Uint8Array) => {
        const answer = await key.transmit(command);
        const isProof = command[1] === 0x87 && answer[2] === 0x82;
        if (isProof) answer[5] = (answer[5] ?? 0) ^ 1;
        return answer;
      },
    };
    const { selectPiv } = await import('../../../native/piv/session.ts');
    expect(outcome(await authenticate(value(await selectPiv(liar)), FACTORY_3DES))).toBe('management-key-unknown');
  });

  test('two random keys differ', () => {
    expect(randomManagementKey('AES-192').value).not.toEqual(randomManagementKey('AES-192').value);
  });
});
