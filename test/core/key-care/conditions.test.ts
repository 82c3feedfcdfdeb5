import { assert, constantFrom, date, option, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CareRecord } from '../../../core/key-care/care-record.ts';
import { conditionsOf, type CareFacts, type KeyConditionKind } from '../../../core/key-care/conditions.ts';
import type { PivSlotFacts, SecurityKeyFacts } from '../../../core/security-key.ts';
import type { CertificateGlance } from '../../../core/x509/certificate-glance.ts';
import { exampleKey, KEY_PAIR, OWN_SECRETS, SILENT_SECRETS } from '../enrollment/example-facts.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);
/** Of a year. */
const glance = (validTo: Date): CertificateGlance => ({ subject: 'Ana Example', issuer: 'Home CA', validFrom: new Date(validTo.getTime() - 360 * 86_400_000), validTo });
const named = (validTo: Date) => ({ subject: 'Ana Example', issuer: 'Home CA', expiresAt: validTo });
const GOOD_UNTIL = inDays(200);
const CERTIFIED: PivSlotFacts = { keyPair: KEY_PAIR, certificate: Uint8Array.of(0x30), fits: true };

/** A key in use that lacks nothing; tests say what is different. */
function facts(key: Partial<SecurityKeyFacts> = {}, rest: Partial<Omit<CareFacts, 'key'>> = {}): CareFacts {
  return { key: exampleKey({ ...OWN_SECRETS, authentication: CERTIFIED, ...key }), glance: glance(GOOD_UNTIL), isFromAuthority: true, record: null, now: NOW, ...rest };
}

const pin = (attemptsLeft: number | null, attemptsTotal: number | null = 3, isFactory: boolean | null = false) => ({ pin: { isFactory, attemptsLeft, attemptsTotal } });
const puk = (attemptsLeft: number | null, attemptsTotal: number | null = 3, isFactory: boolean | null = false) => ({ puk: { isFactory, attemptsLeft, attemptsTotal } });
const managementKey = (isFactory: boolean | null, isPinProtected: boolean, isPinDerived = false) => ({ managementKey: { algorithm: '3DES', isFactory, isPinProtected, isPinDerived } }) as const;
const slot = (changes: Partial<PivSlotFacts>) => ({ authentication: { ...CERTIFIED, ...changes } });
const EMPTY = { authentication: { keyPair: null, certificate: null, fits: null } };
const note = (action: CareRecord['action'], open: CareRecord['open'] = ['PIN', 'PUK']): { readonly record: CareRecord } => ({ record: { serial: 5_210_001, action, startedAt: inDays(-1), open } });

describe('nothing is said', () => {
  test.each([
    ['of a key from the shop', { key: exampleKey(), glance: null, isFromAuthority: null, record: null, now: NOW }],
    ['of a key in use that lacks nothing', facts()],
    ['of firmware that tells little, where what it tells is fine', facts(SILENT_SECRETS)],
    ['of a certificate where no CA is pinned', facts({}, { isFromAuthority: null })],
    ['of a PIN that was made to have one attempt', facts(pin(1, 1))],
    ['of an imported key that firmware before 5.3 does not show', facts({ ...SILENT_SECRETS, ...slot({ keyPair: null, fits: null }) })],
    ['of retries that are set anew, though their note is still there', facts({}, note('retries'))],
    ['of retries set anew on firmware that does not tell', facts(SILENT_SECRETS, note('retries', []))],
    ['of factory codes on a key that nobody uses', facts({ ...pin(3, 3, true), ...puk(3, 3, true), ...EMPTY }, { glance: null, isFromAuthority: null })],
  ])('%s', (_what, of) => {
    expect(conditionsOf(of)).toEqual([]);
  });
});

describe('each condition arises from its facts, and from them alone', () => {
  test.each<readonly [string, CareFacts, readonly unknown[]]>([
    ['a reset that was noted', facts({}, note('reset')), [{ kind: 'reset-unfinished', startedAt: inDays(-1) }]],
    ['no attempts at the PIN, none at the PUK', facts({ ...pin(0), ...puk(0) }), [{ kind: 'pin-and-puk-blocked' }]],
    ['no attempts at the PIN', facts({ ...pin(0), ...puk(2) }), [{ kind: 'pin-blocked', pukAttemptsLeft: 2 }]],
    ['no attempts at the PIN, firmware 5.2', facts({ ...SILENT_SECRETS, ...pin(0, null, null) }), [{ kind: 'pin-blocked', pukAttemptsLeft: null }]],
    ['retries noted, PIN a factory value', facts({ ...pin(3, 3, true), ...EMPTY }, { glance: null, ...note('retries') }), [{ kind: 'retries-unfinished', pin: true, puk: false }]],
    ['retries noted, PUK a factory value', facts({ ...puk(3, 3, true), ...EMPTY }, { glance: null, ...note('retries') }), [{ kind: 'retries-unfinished', pin: false, puk: true }]],
    ['retries noted, firmware 5.2', facts(SILENT_SECRETS, note('retries')), [{ kind: 'retries-unfinished', pin: null, puk: null }]],
    ['retries noted, firmware 5.2, the PIN set since', facts(SILENT_SECRETS, note('retries', ['PUK'])), [{ kind: 'retries-unfinished', pin: false, puk: null }]],
    ['one attempt of three', facts(pin(1)), [{ kind: 'pin-last-attempt' }]],
    ['one attempt, firmware 5.2', facts({ ...SILENT_SECRETS, ...pin(1, null, null) }), [{ kind: 'pin-last-attempt' }]],
    ['two attempts of three', facts(pin(2)), [{ kind: 'pin-attempts-lost', left: 2, total: 3 }]],
    ['no attempts at the PUK', facts(puk(0)), [{ kind: 'puk-blocked' }]],
    ['no attempts at a PUK that is a factory value', facts(puk(0, 3, true)), [{ kind: 'puk-blocked' }]],
    ['an unknown management key', facts(managementKey(false, false)), [{ kind: 'management-key-unknown' }]],
    ['a factory management key marked as protected', facts(managementKey(true, true)), [{ kind: 'management-key-unfinished' }]],
    ['a management key from the PIN', facts(managementKey(false, false, true)), [{ kind: 'management-key-derived' }]],
    ['a management key from the PIN, firmware 5.2', facts({ ...SILENT_SECRETS, ...managementKey(null, false, true) }), [{ kind: 'management-key-derived' }]],
    ['a key that was moved, its certificate left behind', facts({ movedTo: '82', ...slot({ keyPair: null, fits: null }) }), [{ kind: 'retire-unfinished', slot: '82' }]],
    ['a certificate without a key', facts(slot({ keyPair: null, fits: null })), [{ kind: 'certificate-without-key', certificate: named(GOOD_UNTIL) }]],
    ['a certificate for another key', facts(slot({ fits: false })), [{ kind: 'certificate-unfit', certificate: named(GOOD_UNTIL) }]],
    ['something that is no certificate', facts(slot({ fits: null }), { glance: null }), [{ kind: 'certificate-unreadable' }]],
    ['a certificate since yesterday', facts({}, { glance: glance(inDays(-1)) }), [{ kind: 'certificate-expired', certificate: named(inDays(-1)) }]],
    ['a certificate until next week', facts({}, { glance: glance(inDays(7)) }), [{ kind: 'certificate-expires-soon', certificate: named(inDays(7)), isPressing: true }]],
    ['a certificate of another CA', facts({}, { isFromAuthority: false }), [{ kind: 'certificate-foreign', certificate: named(GOOD_UNTIL) }]],
    ['a key without a certificate', facts(slot({ certificate: null, fits: null }), { glance: null, isFromAuthority: null }), [{ kind: 'enrollment-unfinished' }]],
    ['the factory PIN on a key in use', facts(pin(3, 3, true)), [{ kind: 'pin-factory' }]],
    ['the factory PUK on a key in use', facts(puk(3, 3, true)), [{ kind: 'puk-factory' }]],
  ])('%s', (_what, of, expected) => {
    expect(conditionsOf(of)).toEqual(expected);
  });

  test.each([
    [120, 'certificate-expires-soon'],
    [120.01, null],
    [0, 'certificate-expires-soon'],
    [-0.00001, 'certificate-expired'],
  ])('%s days before it expires a certificate is %s', (days, kind) => {
    expect(conditionsOf(facts({}, { glance: glance(inDays(days)) })).map((condition) => condition.kind)).toEqual(kind === null ? [] : [kind]);
  });
});

/** Most urgent first: what is under way, what keeps the key from working, what will, what is unsafe, what can wait. */
const ORDER: readonly KeyConditionKind[] = [
  'reset-unfinished',
  'pin-and-puk-blocked',
  'pin-blocked',
  'retries-unfinished',
  'pin-last-attempt',
  'management-key-unfinished',
  'retire-unfinished',
  'certificate-unfit',
  'certificate-without-key',
  'certificate-unreadable',
  'certificate-expired',
  'enrollment-unfinished',
  'certificate-expires-soon',
  'certificate-foreign',
  'pin-factory',
  'puk-factory',
  'puk-blocked',
  'pin-attempts-lost',
  'management-key-unknown',
  'management-key-derived',
];

describe('several at once', () => {
  test('are told by urgency', () => {
    const many = facts({ ...pin(2, 3, true), ...puk(3, 3, true), ...managementKey(false, false) }, { glance: glance(inDays(-3)), isFromAuthority: false, ...note('retries') });
    expect(conditionsOf(many).map(({ kind }) => kind)).toEqual([
      'retries-unfinished',
      'certificate-expired',
      'certificate-foreign',
      'pin-factory',
      'puk-factory',
      'pin-attempts-lost',
      'management-key-unknown',
    ]);
  });

  test('of whatever facts come in the order of urgency, and none twice', () => {
    const maybe = constantFrom(true, false, null);
    const code = record({ isFactory: maybe, attemptsLeft: constantFrom(0, 1, 2, 3, null), attemptsTotal: constantFrom(1, 3, 15, null) });
    const key = record({
      pin: code,
      puk: code,
      managementKey: record({ algorithm: constantFrom('3DES' as const, 'AES-192' as const), isFactory: maybe, isPinProtected: constantFrom(true, false), isPinDerived: constantFrom(true, false) }),
      authentication: record({ keyPair: constantFrom(KEY_PAIR, null), certificate: constantFrom(Uint8Array.of(0x30), null), fits: maybe }),
      movedTo: constantFrom('82' as const, null),
    });
    const whatever = record({
      key,
      glance: option(record({ subject: constantFrom('A'), issuer: constantFrom('B'), validFrom: date({ noInvalidDate: true }), validTo: date({ noInvalidDate: true }) })),
      isFromAuthority: maybe,
      record: option(record({ serial: constantFrom(1), action: constantFrom('reset' as const, 'retries' as const), startedAt: constantFrom(NOW), open: constantFrom<CareRecord['open']>([], ['PIN'], ['PIN', 'PUK']) })),
    });
    assert(
      property(whatever, ({ key: changes, ...rest }) => {
        const kinds = conditionsOf({ key: exampleKey(changes), now: NOW, ...rest }).map(({ kind }) => kind);
        const places = kinds.map((kind) => ORDER.indexOf(kind));
        expect(places).not.toContain(-1);
        expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
        // Nobody is told to enter a PIN that is blocked.
        const isBlocked = kinds.includes('pin-blocked') || kinds.includes('pin-and-puk-blocked');
        expect(isBlocked && (kinds.includes('pin-last-attempt') || kinds.includes('pin-factory') || kinds.includes('pin-attempts-lost'))).toBe(false);
      }),
      { numRuns: 2000, seed: 20_261_125 },
    );
  });
});
