import { describe, expect, test } from 'vitest';
import type { KeyType, PinPolicy, TouchPolicy } from '../../../core/security-key.ts';
import { FACTORY, INS } from '../../../native/piv/identifiers.ts';
import { directKey, modelKey, MODELS, outcome, OWNER_PIN, ownedKey, value, virtualKey } from './direct-access.ts';
import { keyOfForm } from './management-forms.ts';

function options(pin: string, changes: { readonly keyType?: KeyType; readonly pinPolicy?: PinPolicy; readonly touchPolicy?: TouchPolicy } = {}) {
  return { pin, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never', ...changes } as const;
}

describe.each(MODELS)('generating a key pair on %s', (model) => {
  const isFips = model.endsWith('FIPS');

  test.each(['once', 'always', 'never'] as const)('with PIN policy %s: as it was asked for, or refused in words', async (pinPolicy) => {
    const { key } = await keyOfForm(model, 'protected');
    const result = await directKey(key).generateKey(options(OWNER_PIN, { pinPolicy, touchPolicy: 'cached' }));
    if (isFips && pinPolicy === 'never') {
      expect(result).toEqual({ ok: false, failure: { kind: 'policy-refused', problem: 'pin-never-on-fips' } });
      expect(key.exportState().keys['9a']).toBeUndefined();
    } else {
      value(result);
      expect(value(await directKey(key).facts()).authentication.keyPair).toMatchObject({ pinPolicy, touchPolicy: 'cached' });
    }
  });

  test.each(['RSA1024', 'X25519', 'ED25519', 'RSA3072'] as const)('%s where it can, or refused in words', async (keyType) => {
    const { key } = await keyOfForm(model, 'protected');
    const result = await directKey(key).generateKey(options(OWNER_PIN, { keyType }));
    const isNew = keyType !== 'RSA1024';
    const isRefused = isFips ? keyType === 'RSA1024' || keyType === 'X25519' : isNew && !model.startsWith('5.7');
    expect(outcome(result)).toBe(isRefused ? 'key-type-unsupported' : 'ok');
  });
});

test('a FIPS key of 5.7 says what it waits for, whatever is still the factory value', async () => {
  const factory = modelKey('5.7.1 FIPS');
  expect(outcome(await directKey(factory).generateKey(options(FACTORY.PIN)))).toBe('fips-not-ready');
  const owned = await ownedKey('5.7.1 FIPS');
  expect(outcome(await directKey(owned).generateKey(options(OWNER_PIN)))).toBe('fips-not-ready');
  value(await directKey(owned).protectManagementKey(OWNER_PIN));
  expect(outcome(await directKey(owned).generateKey(options(OWNER_PIN)))).toBe('ok');
});

test('the YubiKey FIPS of firmware 4.4 refuses keys without PIN and RSA-1024', async () => {
  const key = virtualKey('4.4.5', { fips: true });
  expect(await directKey(key).generateKey(options(FACTORY.PIN, { pinPolicy: 'never' }))).toEqual({ ok: false, failure: { kind: 'policy-refused', problem: 'pin-never-on-fips' } });
  expect(outcome(await directKey(key).generateKey(options(FACTORY.PIN, { keyType: 'RSA1024' })))).toBe('key-type-unsupported');
  expect(outcome(await directKey(key).generateKey(options(FACTORY.PIN)))).toBe('ok');
});

test('cached touch is refused before firmware 4.3, and the key in the slot stays', async () => {
  const key = virtualKey('4.2.5');
  value(await directKey(key).generateKey(options(FACTORY.PIN)));
  const before = key.exportState().keys;
  expect(await directKey(key).generateKey(options(FACTORY.PIN, { touchPolicy: 'cached' }))).toEqual({ ok: false, failure: { kind: 'policy-refused', problem: 'touch-cached-too-old' } });
  expect(key.exportState().keys).toEqual(before);
});

test.each([
  ['4.2.6', 'RSA2048', 'key-type-unsupported'],
  ['4.3.4', 'RSA2048', 'key-type-unsupported'],
  ['4.3.5', 'RSA2048', 'ok'],
] as const)('firmware %s makes no RSA key that can be factored: %s, %s', async (firmware, keyType, expected) => {
  expect(outcome(await directKey(virtualKey(firmware)).generateKey(options(FACTORY.PIN, { keyType })))).toBe(expected);
});

test('a refusal that nothing explains is told as it is', async () => {
  const { key } = await keyOfForm('5.7.1', 'protected');
  const transmit = key.transmit.bind(key);
  key.transmit = async (apdu) => (apdu[1] === INS.GENERATE_ASYMMETRIC ? Uint8Array.of(0x6a, 0x81) : transmit(apdu));
  expect(await directKey(key).generateKey(options(OWNER_PIN))).toEqual({ ok: false, failure: { kind: 'card-error', instruction: 'GENERATE_ASYMMETRIC', statusWord: 0x6a81 } });
});
