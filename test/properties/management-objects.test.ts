// Plain assertions: over a million cases vitest's own would take most of the time.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { type Arbitrary, asyncProperty, constant, constantFrom, oneof, record } from 'fast-check';
import { test } from 'vitest';
import { concatBytes, fromHex, toBase64, toHex } from '../../core/bytes.ts';
import type { FailureKind } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';
import type { SecurityKey } from '../../core/security-key.ts';
import { FACTORY, OBJECT } from '../../native/piv/identifiers.ts';
import { encodeTlv, findTlv } from '../../native/piv/tlv.ts';
import { padReferenceData } from '../../native/virtual-yubikey/reference-data.ts';
import type { YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, MODELS, modelKey, OWNER_PIN, OWNER_PUK, type Model } from '../native/piv/direct-access.ts';
import { changedOrAny } from './changed-bytes.ts';
import { check } from './property-runs.ts';

const NEW_PIN = '97531864';
/** 24 bytes: right for 3DES and AES-192, which every model has one of. */
const KEY = fromHex('a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7');
const SALT = fromHex('00112233445566778899aabbccddeeff');
const DERIVED = new Uint8Array(pbkdf2Sync(OWNER_PIN, SALT, 10_000, 24, 'sha1'));

/** As ykman, yubico-piv-tool and the .NET SDK write it; with fields of others; empty; Printed Information of an agency (73-4 part 1, table 16). */
const PRINTED = [
  encodeTlv(0x88, encodeTlv(0x89, KEY)),
  encodeTlv(0x88, encodeTlv(0x81, Uint8Array.of(1)), encodeTlv(0x89, KEY)),
  encodeTlv(0x88, encodeTlv(0x89, KEY.subarray(0, 16))),
  encodeTlv(0x88, encodeTlv(0x89)),
  encodeTlv(0x88),
  concatBytes(encodeTlv(0x01, new TextEncoder().encode('Lovelace, Ada')), encodeTlv(0x04, new TextEncoder().encode('2031JAN01')), encodeTlv(0xfe)),
];
/** Flags; flags, salt and time; salt alone (ykman before 4.0); time alone; nothing; the PIV Manager's; a field of nobody's. */
const ADMIN_DATA = ['8003810102', `8019810100${'8210'}${toHex(SALT)}83046b49d200`, `80128210${toHex(SALT)}`, '8006830460000000', '8000', `8015810101${'8210'}${toHex(SALT)}`, '8007810103990201ff'].map(fromHex);
const ROTATION = [encodeTlv(0x80, new Uint8Array(32).fill(7)), encodeTlv(0x80, new Uint8Array(31))];

const ACTIONS = {
  'read the facts': (key) => key.facts(),
  protect: (key) => key.protectManagementKey(OWNER_PIN),
  rotate: (key) => key.rotateManagementKey({ pin: OWNER_PIN }),
  'rotate with a typed key': (key) => key.rotateManagementKey({ pin: OWNER_PIN, managementKey: KEY }),
  'change the PIN': (key) => key.changePin(OWNER_PIN, NEW_PIN),
  'set the attempts': (key) => key.setRetries({ pin: OWNER_PIN, pinAttempts: 3, pukAttempts: 3, newPin: NEW_PIN, newPuk: OWNER_PUK }),
} as const satisfies Readonly<Record<string, (key: SecurityKey) => Promise<Result<unknown>>>>;

/** A key whose settings cannot be opened, or not in this form. Anything else would be a surprise. */
const EXPECTED: readonly FailureKind[] = ['management-key-unknown', 'printed-object-in-use', 'fips-not-ready'];
const MAX_COMMANDS = 60;

interface Case {
  readonly model: Model;
  readonly managementKey: Uint8Array;
  readonly printed: Uint8Array | null;
  readonly adminData: Uint8Array | null;
  readonly rotation: Uint8Array | null;
  readonly action: keyof typeof ACTIONS;
}

const object = (real: readonly Uint8Array[]): Arbitrary<Uint8Array | null> => oneof({ weight: 1, arbitrary: constant(null) }, { weight: 3, arbitrary: constantFrom(...real) }, { weight: 6, arbitrary: changedOrAny(real, 60) });

const anyCase: Arbitrary<Case> = record(
  {
    model: constantFrom(...MODELS),
    managementKey: constantFrom(FACTORY.MANAGEMENT_KEY, KEY, KEY, DERIVED),
    printed: object(PRINTED),
    adminData: object(ADMIN_DATA),
    rotation: oneof({ weight: 4, arbitrary: constant(null) }, { weight: 1, arbitrary: object(ROTATION) }),
    action: constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])),
  },
  { noNullPrototype: true },
);

function stateOf({ model, managementKey, printed, adminData, rotation }: Case): YubiKeyState {
  const state = modelKey(model).exportState();
  const objects = Object.entries({ [OBJECT.PRINTED]: printed, [OBJECT.ADMIN_DATA]: adminData, [OBJECT.ROTATION]: rotation });
  return {
    ...state,
    pin: { ...state.pin, value: toHex(padReferenceData(OWNER_PIN)) },
    puk: { ...state.puk, value: toHex(padReferenceData(OWNER_PUK)) },
    managementKey: { ...state.managementKey, value: toHex(managementKey) },
    objects: { ...state.objects, ...Object.fromEntries(objects.flatMap(([tag, value]) => (value === null || value.length === 0 ? [] : [[Number(tag).toString(16), toBase64(value)]]))) },
  };
}

async function isBridged(key: VirtualYubiKey, { model, managementKey }: Case, result: Result<unknown>): Promise<boolean> {
  const isExpected = model === '5.7.1 FIPS' && managementKey === FACTORY.MANAGEMENT_KEY && !result.ok && result.failure.kind === 'printed-object-in-use';
  const again = await directKey(key).protectManagementKey(OWNER_PIN);
  return isExpected && !again.ok && again.failure.kind === 'printed-object-in-use';
}

const stored = (state: YubiKeyState, object: number): Uint8Array => new Uint8Array(Buffer.from(state.objects[object.toString(16)] ?? '', 'base64'));

test('whatever other programs left there, it ends, nothing is lost, and nothing of theirs is overwritten', () =>
  check(
    'ADMIN DATA and PRINTED of other programs',
    asyncProperty(anyCase, async (one) => {
      const key = modelKey(one.model, { state: stateOf(one) });
      const before = key.exportState();
      const result = await ACTIONS[one.action](directKey(key));
      const after = key.exportState();
      deepStrictEqual(key.bugs, []);
      ok(key.statistics.apdus <= MAX_COMMANDS, `${key.statistics.apdus} commands`);
      ok(result.ok || EXPECTED.includes(result.failure.kind), JSON.stringify(result));
      strictEqual(after.pin.attemptsLeft, 3);
      const isReplaced = after.managementKey.value !== before.managementKey.value;
      const printed = stored(after, OBJECT.PRINTED);
      const isStored = toHex(findTlv(findTlv(printed, 0x88) ?? new Uint8Array(), 0x89) ?? new Uint8Array()) === after.managementKey.value;
      // A FIPS key shows a foreign PRINTED only once the factory key is replaced: by one that follows from it, and opens it.
      if (isReplaced && !isStored) ok(await isBridged(key, one, result), 'the new management key is not stored');
      // A foreign object stays; our own keeps the fields of others.
      if (findTlv(stored(before, OBJECT.PRINTED), 0x88) === undefined && stored(before, OBJECT.PRINTED).length > 0) deepStrictEqual(printed, stored(before, OBJECT.PRINTED));
      if (result.ok && (one.action === 'protect' || one.action.startsWith('rotate'))) {
        ok((findTlv(findTlv(stored(after, OBJECT.ADMIN_DATA), 0x80) ?? new Uint8Array(), 0x81)?.[0] ?? 0) & 2, 'ADMIN DATA does not say so');
        strictEqual(stored(after, OBJECT.ROTATION).length, 0);
      }
      if (one.action === 'read the facts') deepStrictEqual(after, before);
    }),
  ));
