import { describe, expect, test } from 'vitest';
import { formatKnownKeys, parseKnownKeys, withKey, type KnownKey } from '../../../core/key-care/known-keys.ts';
import { keysOfSamePerson } from '../../../core/key-care/persons-keys.ts';

function known(serial: number, changes: Partial<KnownKey> = {}): KnownKey {
  return {
    serial,
    model: 'YubiKey 5C Nano',
    formFactor: 'usb-c-nano',
    name: 'Ana Example',
    email: 'ana@example.org',
    authorityName: 'Home CA',
    validFrom: new Date('2026-02-28T10:00:00Z'),
    expiresAt: new Date('2027-03-01T10:00:00Z'),
    enrolledAt: new Date(Date.UTC(2026, 2, serial)),
    ...changes,
  };
}

describe('the list as text', () => {
  test.each([[[]], [[known(1), known(2, { formFactor: null, email: null })]], [[known(3, { name: 'Zoë "Ω"\n', model: '' })]]])('comes back', (keys) => {
    expect(parseKnownKeys(formatKnownKeys(keys))).toEqual(keys);
  });

  test('of the first release has no beginning of the certificate: the enrollment is near enough', () => {
    const { validFrom, ...former } = known(1);
    expect(parseKnownKeys(JSON.stringify([former]))).toEqual([{ ...known(1), validFrom: former.enrolledAt }]);
    expect(validFrom).not.toEqual(former.enrolledAt);
  });

  test.each(['', '{}', 'null', '[1]', formatKnownKeys([known(1)]).replace('usb-c-nano', 'usb-d'), formatKnownKeys([known(1)]).replace('2027-03-01T10', 'soon'), formatKnownKeys([known(1)]).slice(0, -3)])(
    'is nothing where it is broken: %s',
    (text) => {
      expect(parseKnownKeys(text)).toBeNull();
    },
  );
});

test('a key that was enrolled again takes the place of what was known of it', () => {
  const renewed = known(1, { expiresAt: new Date('2028-03-01T10:00:00Z') });
  expect(withKey([known(1), known(2)], renewed)).toEqual([known(2), renewed]);
  expect(withKey([], known(1))).toEqual([known(1)]);
});

describe('the keys of a person', () => {
  const all = [known(3), known(1), known(2, { name: 'Bo Example' }), known(4, { authorityName: 'Other CA' }), known(5, { email: null })];

  test('are those of the same name, address and CA, the first enrolled first', () => {
    expect(keysOfSamePerson(all, 3).map(({ serial }) => serial)).toEqual([1, 3]);
    expect(keysOfSamePerson(all, 1).map(({ serial }) => serial)).toEqual([1, 3]);
  });

  test.each([
    [2, [2]],
    [4, [4]],
    [5, [5]],
    [99, []],
  ])('of %s are %s', (serial, expected) => {
    expect(keysOfSamePerson(all, serial).map((key) => key.serial)).toEqual(expected);
  });
});
