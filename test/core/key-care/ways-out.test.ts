import { describe, expect, test } from 'vitest';
import type { KeyCondition, KeyConditionKind } from '../../../core/key-care/conditions.ts';
import { isManagementKeyReachable, waysOut, type CareAct, type Loss, type WayOut } from '../../../core/key-care/ways-out.ts';
import { isAtLeast, parseFirmware, type FirmwareVersion, type ManagementKeyFacts, type SecurityKeyFacts } from '../../../core/security-key.ts';
import { exampleKey, KEY_PAIR } from '../enrollment/example-facts.ts';

const certificate = { subject: 'Ana Example', issuer: 'Home CA', expiresAt: new Date('2026-06-01T12:00:00Z') };

/** Every kind, so that a new one is missed by the compiler, with each form it comes in. */
const CONDITIONS: { readonly [Kind in KeyConditionKind]: readonly Extract<KeyCondition, { kind: Kind }>[] } = {
  'reset-unfinished': [{ kind: 'reset-unfinished', startedAt: new Date(0) }],
  'pin-and-puk-blocked': [{ kind: 'pin-and-puk-blocked' }],
  'pin-blocked': [{ kind: 'pin-blocked', pukAttemptsLeft: 3 }, { kind: 'pin-blocked', pukAttemptsLeft: null }],
  'retries-unfinished': [true, false, null].flatMap((pin) => [true, false, null].map((puk) => ({ kind: 'retries-unfinished' as const, pin, puk }))),
  'pin-last-attempt': [{ kind: 'pin-last-attempt' }],
  'pin-attempts-lost': [{ kind: 'pin-attempts-lost', left: 2, total: 3 }],
  'puk-blocked': [{ kind: 'puk-blocked' }],
  'management-key-unknown': [{ kind: 'management-key-unknown' }],
  'management-key-unfinished': [{ kind: 'management-key-unfinished' }],
  'management-key-derived': [{ kind: 'management-key-derived' }],
  'retire-unfinished': [{ kind: 'retire-unfinished', slot: '82' }],
  'certificate-without-key': [{ kind: 'certificate-without-key', certificate }],
  'certificate-unfit': [{ kind: 'certificate-unfit', certificate }],
  'certificate-unreadable': [{ kind: 'certificate-unreadable' }],
  'certificate-expired': [{ kind: 'certificate-expired', certificate }],
  'certificate-expires-soon': [{ kind: 'certificate-expires-soon', certificate, isPressing: true }],
  'certificate-foreign': [{ kind: 'certificate-foreign', certificate }],
  'enrollment-unfinished': [{ kind: 'enrollment-unfinished' }],
  'pin-factory': [{ kind: 'pin-factory' }],
  'puk-factory': [{ kind: 'puk-factory' }],
};

/** Conditions that a reset may be the end of. Every other has a way out that loses less. */
const RESETTABLE: readonly KeyConditionKind[] = ['pin-and-puk-blocked', 'pin-blocked', 'pin-last-attempt', 'management-key-unknown'];

const RANK: Readonly<Record<Loss, number>> = { nothing: 0, 'management-key': 1, certificate: 2, 'certificate-and-key': 3, everything: 4 };

const FIRMWARES = ['4.3.7', '5.2.4', '5.4.3', '5.7.1'].map((text) => parseFirmware(text) as FirmwareVersion);
const MANAGEMENT_KEYS: readonly ManagementKeyFacts[] = [
  { algorithm: '3DES', isFactory: true, isPinProtected: false, isPinDerived: false },
  { algorithm: '3DES', isFactory: false, isPinProtected: true, isPinDerived: false },
  { algorithm: '3DES', isFactory: false, isPinProtected: false, isPinDerived: true },
  { algorithm: '3DES', isFactory: false, isPinProtected: false, isPinDerived: false },
  { algorithm: '3DES', isFactory: null, isPinProtected: false, isPinDerived: false },
];

/** Keys of each firmware in every mixture that a way out may depend on. */
const KEYS: readonly SecurityKeyFacts[] = FIRMWARES.flatMap((firmware) =>
  MANAGEMENT_KEYS.flatMap((managementKey) =>
    [0, 2, null].flatMap((pinLeft) =>
      [0, 2, null].flatMap((pukLeft) =>
        [KEY_PAIR, null].map((keyPair) =>
          exampleKey({
            firmware,
            managementKey,
            pin: { isFactory: false, attemptsLeft: pinLeft, attemptsTotal: 3 },
            puk: { isFactory: false, attemptsLeft: pukLeft, attemptsTotal: 3 },
            authentication: { keyPair, certificate: null, fits: null },
          }),
        ),
      ),
    ),
  ),
);

describe.each(Object.entries(CONDITIONS))('%s', (kind, conditions) => {
  const ways = conditions.flatMap((condition) => KEYS.map((key): readonly [SecurityKeyFacts, readonly WayOut[]] => [key, waysOut(condition, key)]));

  test('nothing that loses more comes before something that loses less', () => {
    for (const [key, out] of ways) {
      const ranks = out.map(({ loses }) => RANK[loses]);
      expect(ranks, JSON.stringify([key.firmware, out])).toEqual(ranks.toSorted((a, b) => a - b));
    }
  });

  test('a reset is offered only at the end, and only where it may be needed', () => {
    for (const [, out] of ways) {
      const place = out.findIndex(({ act }) => act === 'reset');
      expect(place >= 0).toBe(RESETTABLE.includes(kind as KeyConditionKind));
      if (place >= 0) expect(out.at(-1)).toEqual({ act: 'reset', loses: 'everything' });
    }
  });

  test('a key moves aside only where it is one, on firmware that can', () => {
    for (const [key, out] of ways) {
      // What is left of a move that was cut off has no key; only its firmware could begin it.
      if (kind === 'retire-unfinished' || !out.some(({ act }) => act === 'retire-key')) continue;
      expect(isAtLeast(key.firmware, 5, 7) && key.authentication.keyPair !== null).toBe(true);
    }
  });

  test('a blocked PUK is asked for nothing', () => {
    for (const [key, out] of ways) {
      if (key.puk.attemptsLeft === 0) expect(out.map(({ act }) => act)).not.toContain('unblock-pin');
    }
  });

  test('no way is told twice', () => {
    for (const [, out] of ways) expect(new Set(out.map(({ act }) => act)).size).toBe(out.length);
  });

  test('nobody is left without a way', () => {
    for (const condition of conditions) {
      const isSettled = condition.kind === 'retries-unfinished' && condition.pin === false && condition.puk === false;
      for (const key of KEYS) expect(waysOut(condition, key).length > 0, JSON.stringify(condition)).toBe(!isSettled);
    }
  });
});

describe('the ways of one key', () => {
  const acts = (condition: KeyCondition, changes: Partial<SecurityKeyFacts> = {}): readonly CareAct[] => waysOut(condition, exampleKey(changes)).map(({ act }) => act);
  const [, protectedKey, derivedKey, unknownKey] = MANAGEMENT_KEYS as readonly [ManagementKeyFacts, ManagementKeyFacts, ManagementKeyFacts, ManagementKeyFacts];
  const firmware = { major: 5, minor: 7, patch: 1 };
  const withKeyPair = { firmware, authentication: { keyPair: KEY_PAIR, certificate: null, fits: null } };
  const attempts = (attemptsLeft: number) => ({ isFactory: false, attemptsLeft, attemptsTotal: 3 });

  test.each<readonly [string, readonly CareAct[], readonly CareAct[]]>([
    ['a blocked PIN', acts({ kind: 'pin-blocked', pukAttemptsLeft: 3 }), ['unblock-pin', 'reset']],
    ['a blocked PUK', acts({ kind: 'puk-blocked' }, { managementKey: protectedKey }), ['set-retries']],
    ['a blocked PUK and an unknown management key', acts({ kind: 'puk-blocked' }, { managementKey: unknownKey }), ['enter-management-key', 'ask-administrator']],
    ['a certificate that does not fit, 5.7', acts({ kind: 'certificate-unfit', certificate }, withKeyPair), ['retire-key', 'go-on-enrolling', 'delete-certificate', 'enroll']],
    ['a certificate that does not fit, 5.4', acts({ kind: 'certificate-unfit', certificate }), ['go-on-enrolling', 'delete-certificate', 'enroll']],
    ['an expired certificate, 5.7', acts({ kind: 'certificate-expired', certificate }, withKeyPair), ['retire-key', 'enroll']],
    ['a reset cut off before it blocked the PIN', acts({ kind: 'reset-unfinished', startedAt: new Date(0) }, { pin: attempts(1) }), ['enter-pin', 'go-on-resetting']],
    ['a reset cut off after it', acts({ kind: 'reset-unfinished', startedAt: new Date(0) }, { pin: attempts(0), puk: attempts(2) }), ['unblock-pin', 'go-on-resetting']],
    ['a reset cut off at its end', acts({ kind: 'reset-unfinished', startedAt: new Date(0) }, { pin: attempts(0), puk: attempts(0) }), ['go-on-resetting']],
    ['PIN and PUK that may be factory values', acts({ kind: 'retries-unfinished', pin: true, puk: null }), ['change-pin', 'change-puk']],
    ['a PUK that may be', acts({ kind: 'retries-unfinished', pin: false, puk: null }), ['change-puk']],
  ])('%s', (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  test('unblocking a PIN from which the management key follows loses that', () => {
    const [first] = waysOut({ kind: 'pin-blocked', pukAttemptsLeft: 3 }, exampleKey({ managementKey: derivedKey }));
    expect(first).toEqual({ act: 'unblock-pin', loses: 'management-key' });
  });
});

test('the settings open with the PIN unless it is known that they do not', () => {
  expect(MANAGEMENT_KEYS.map((managementKey) => isManagementKeyReachable({ managementKey }))).toEqual([true, true, true, false, true]);
});
