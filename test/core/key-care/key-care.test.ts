import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { PinnedAuthority } from '../../../core/certificate-authority.ts';
import type { Failure } from '../../../core/failures.ts';
import { formatCareRecord, parseCareRecord, type CareRecord } from '../../../core/key-care/care-record.ts';
import { changePin, changePuk, lookAfter, resetKey, setRetries, unblockPin, verifyPin, type CarePorts } from '../../../core/key-care/key-care.ts';
import { done, failed, success, type Result } from '../../../core/result.ts';
import type { SecurityKey, SecurityKeyFacts } from '../../../core/security-key.ts';
import { exampleKey, KEY_PAIR, OWN_SECRETS, SILENT_SECRETS } from '../enrollment/example-facts.ts';
import { softwareAuthority } from '../x509/software-authority.ts';
import { softwareKey } from '../x509/software-key.ts';

const SERIAL = 5_210_001;
const STARTED = new Date('2026-03-01T10:00:00Z');
const NOW = new Date('2026-06-01T12:00:00Z');
const WANTED = { pin: '470193', pinAttempts: 6, pukAttempts: 4, newPin: '739264', newPuk: '90415263' };

/** What happened, in its order: what is written and removed, and what is asked of the key. */
let happened: string[];
let stored: CareRecord | null;
beforeEach(() => {
  happened = [];
  stored = null;
});

const ports = (authority: PinnedAuthority | null = null): CarePorts => ({
  records: {
    read: async (serial) => (stored?.serial === serial ? parseCareRecord(formatCareRecord(stored)) : null),
    write: async (record) => {
      happened.push(`write ${record.action} ${record.open.join('+')}`);
      stored = record;
    },
    remove: async () => {
      happened.push('remove');
      stored = null;
    },
  },
  clock: { now: () => NOW },
  authority,
});

/** A key whose every call but facts answers `result`. */
function keyThat(result: Result<void>, facts: Partial<SecurityKeyFacts> = OWN_SECRETS): SecurityKey {
  const answer = (name: string) => vi.fn(async () => (happened.push(name), result));
  const calls = ['verifyPin', 'changePin', 'changePuk', 'unblockPin', 'setRetries', 'reset'].map((name) => [name, answer(name)] as const);
  return { facts: async () => success(exampleKey(facts)), ...Object.fromEntries(calls) } as Partial<SecurityKey> as SecurityKey;
}

const note = (action: CareRecord['action'], open: CareRecord['open'] = ['PIN', 'PUK']): CareRecord => ({ serial: SERIAL, action, startedAt: STARTED, open });

describe('an action that leaves a note', () => {
  test('writes it before the key is touched, and removes it afterwards', async () => {
    expect(await resetKey(keyThat(done), SERIAL, ports())).toEqual(done);
    expect(happened).toEqual(['write reset PIN+PUK', 'reset', 'remove']);
    happened = [];
    expect(await setRetries(keyThat(done), WANTED, ports())).toEqual(done);
    expect(happened).toEqual(['write retries PIN+PUK', 'setRetries', 'remove']);
  });

  test.each<Failure>([
    { kind: 'security-key-removed' },
    { kind: 'security-key-unresponsive' },
    { kind: 'device-process-ended' },
    { kind: 'module-crashed', module: 'x' },
    { kind: 'smart-card-service-missing' },
    { kind: 'card-error', instruction: 'SET_RETRIES', statusWord: 0x6f00 },
    { kind: 'pin-invalid', which: 'PUK', rule: 'too-simple' },
    { kind: 'unexpected', id: '1' },
  ])('keeps it where it may have been cut off: $kind', async (failure) => {
    expect(await setRetries(keyThat(failed(failure)), WANTED, ports())).toEqual(failed(failure));
    expect(stored).toEqual({ serial: SERIAL, action: 'retries', startedAt: NOW, open: ['PIN', 'PUK'] });
  });

  test.each<Failure>([
    { kind: 'pin-wrong', attemptsLeft: 2 },
    { kind: 'pin-blocked' },
    { kind: 'management-key-unknown' },
    { kind: 'attempts-invalid' },
    { kind: 'serial-mismatch' },
  ])('leaves none where nothing was touched: $kind', async (failure) => {
    await setRetries(keyThat(failed(failure)), WANTED, ports());
    expect([stored, happened.at(-1)]).toEqual([null, 'remove']);
  });

  test('leaves what was noted of another action as it was, where nothing was touched', async () => {
    stored = note('retries', ['PUK']);
    await resetKey(keyThat(failed({ kind: 'serial-mismatch' })), 1, ports());
    expect(stored).toEqual(note('retries', ['PUK']));
  });

  test('goes on under its first note', async () => {
    stored = note('reset');
    await resetKey(keyThat(failed({ kind: 'security-key-removed' })), SERIAL, ports());
    expect(stored).toEqual(note('reset'));
    await resetKey(keyThat(done), SERIAL, ports());
    expect(stored).toBeNull();
  });

  test.each([
    ['a PIN that is too short to be one', { pin: '123' }],
    ['the factory PIN as the new one', { newPin: '123456' }],
    ['a PUK that is too long', { newPuk: '123456789' }],
  ])('is not begun with %s', async (_what, wrong) => {
    expect(await setRetries(keyThat(done), { ...WANTED, ...wrong }, ports())).toMatchObject({ ok: false, failure: { kind: 'pin-invalid' } });
    expect(happened).toEqual([]);
  });

  test('of a key that tells no serial has none', async () => {
    expect(await resetKey(keyThat(done, { serial: null }), null, ports())).toEqual(done);
    expect(happened).toEqual(['reset']);
  });

  test('of a key that is gone is not begun', async () => {
    const key = { ...keyThat(done), facts: async () => failed({ kind: 'security-key-removed' }) };
    expect(await resetKey(key, SERIAL, ports())).toEqual(failed({ kind: 'security-key-removed' }));
    expect(happened).toEqual([]);
  });
});

describe('PIN and PUK set anew close the note on firmware that does not tell', () => {
  const pinSet: CareRecord['open'] = ['PUK'];

  test.each([
    ['changePin', () => changePin(keyThat(done, SILENT_SECRETS), '123456', '739264', ports()), pinSet],
    ['unblockPin', () => unblockPin(keyThat(done, SILENT_SECRETS), '12345678', '739264', ports()), pinSet],
    ['changePuk', () => changePuk(keyThat(done, SILENT_SECRETS), '12345678', '90415263', ports()), ['PIN']],
    ['verifyPin', () => verifyPin(keyThat(done, SILENT_SECRETS), '470193', ports()), ['PIN', 'PUK']],
  ])('after %s', async (_what, act, open) => {
    stored = note('retries');
    expect(await act()).toEqual(done);
    expect(stored).toEqual(note('retries', open as CareRecord['open']));
  });

  test('wholly, after both', async () => {
    stored = note('retries');
    const key = keyThat(done, SILENT_SECRETS);
    await changePuk(key, '12345678', '90415263', ports());
    await changePin(key, '123456', '739264', ports());
    expect(await lookAfter(exampleKey(SILENT_SECRETS), ports())).toEqual([]);
    expect(stored).toBeNull();
  });

  test('not where it failed', async () => {
    stored = note('retries');
    await changePin(keyThat(failed({ kind: 'pin-wrong', attemptsLeft: 2 }), SILENT_SECRETS), '470193', '739264', ports());
    expect(stored).toEqual(note('retries'));
  });
});

describe('the right PIN ends a reset that was cut off: the key is kept', () => {
  test.each([
    ['verifyPin', () => verifyPin(keyThat(done), '470193', ports()), null],
    ['changePin', () => changePin(keyThat(done), '470193', '739264', ports()), null],
    ['unblockPin', () => unblockPin(keyThat(done), '58213907', '739264', ports()), null],
    ['but not changePuk, which needs no PIN', () => changePuk(keyThat(done), '58213907', '90415263', ports()), note('reset')],
  ])('%s', async (_what, act, left) => {
    stored = note('reset');
    await act();
    expect(stored).toEqual(left);
  });
});

test.each([
  ['changePin', (key: SecurityKey) => changePin(key, '470193', '12345', ports())],
  ['changePuk', (key: SecurityKey) => changePuk(key, '58213907', '12345678', ports())],
  ['unblockPin', (key: SecurityKey) => unblockPin(key, '58213907', '1111111', ports())],
])('%s of a key that would refuse the new value never reaches it', async (_what, act) => {
  const strict = { ...OWN_SECRETS, firmware: { major: 5, minor: 7, patch: 1 }, isFips: true };
  expect(await act(keyThat(done, strict))).toMatchObject({ ok: false, failure: { kind: 'pin-invalid' } });
  expect(happened).toEqual([]);
});

describe('a note whose action is over', () => {
  const attempts = (attemptsLeft: number, isFactory = false) => ({ isFactory, attemptsLeft, attemptsTotal: 3 });
  const inUse = { authentication: { keyPair: KEY_PAIR, certificate: null, fits: null } };

  test.each<readonly [string, CareRecord, Partial<SecurityKeyFacts>, boolean]>([
    ['a reset, all attempts back', note('reset'), OWN_SECRETS, true],
    ['a reset, the PIN blocked', note('reset'), { ...OWN_SECRETS, pin: attempts(0) }, false],
    ['a reset, one attempt at the PUK spent', note('reset'), { ...OWN_SECRETS, puk: attempts(2) }, false],
    ['a reset, firmware 5.2, empty', note('reset'), SILENT_SECRETS, true],
    ['a reset, firmware 5.2, still in use', note('reset'), { ...SILENT_SECRETS, ...inUse }, false],
    ['a reset, firmware 5.2, PIN blocked', note('reset'), { ...SILENT_SECRETS, pin: { isFactory: null, attemptsLeft: 0, attemptsTotal: null } }, false],
    ['retries, both set anew', note('retries'), OWN_SECRETS, true],
    ['retries, the PIN still factory', note('retries'), { ...OWN_SECRETS, pin: attempts(3, true) }, false],
    ['retries, the PUK still factory', note('retries'), { ...OWN_SECRETS, puk: attempts(3, true) }, false],
    ['retries, firmware 5.2, nothing set since', note('retries'), SILENT_SECRETS, false],
    ['retries, firmware 5.2, all set since', note('retries', []), SILENT_SECRETS, true],
  ])('%s', async (_what, record, facts, isOver) => {
    stored = record;
    const kinds = (await lookAfter(exampleKey(facts), ports())).map(({ kind }) => kind);
    expect([stored === null, kinds.includes('reset-unfinished') || kinds.includes('retries-unfinished')]).toEqual([isOver, !isOver]);
  });

  test('is not taken for over by facts from before it', async () => {
    stored = note('reset');
    expect((await lookAfter(exampleKey(OWN_SECRETS), ports(), 'former')).map(({ kind }) => kind)).toEqual(['reset-unfinished']);
    expect(stored).not.toBeNull();
  });
});

describe('a certificate', () => {
  test('is foreign to every CA but the one that signed it, whatever its name', async () => {
    const [home, impostor] = [await softwareAuthority('Home CA'), await softwareAuthority('Home CA')];
    const { publicKey } = softwareKey('ECCP256');
    const certificate = await home.issue({ publicKey, madeAt: NOW });
    const key = exampleKey({ ...OWN_SECRETS, authentication: { keyPair: { ...KEY_PAIR, publicKey }, certificate, fits: true } });
    const kinds = async (caCertificate: Uint8Array | null): Promise<readonly string[]> => {
      const authority = caCertificate && { address: 'https://127.0.0.1:8443', name: 'Home CA', fingerprint: 'ab'.repeat(32), caCertificate };
      return (await lookAfter(key, ports(authority))).map(({ kind }) => kind);
    };
    expect([await kinds(home.certificate), await kinds(null), await kinds(impostor.certificate)]).toEqual([[], [], ['certificate-foreign']]);
  });

  test('that is broken is unreadable, and no reason to fail', async () => {
    const broken = exampleKey({ ...OWN_SECRETS, authentication: { keyPair: KEY_PAIR, certificate: Uint8Array.of(0x30, 0x03, 1), fits: null } });
    const authority = { address: 'https://127.0.0.1:8443', name: 'Home CA', fingerprint: 'ab'.repeat(32), caCertificate: Uint8Array.of(0x30, 0) };
    expect(await lookAfter(broken, ports(authority))).toEqual([{ kind: 'certificate-unreadable' }]);
  });
});

describe('a record as text', () => {
  test.each([note('reset'), note('retries', ['PUK']), note('retries', [])])('comes back: $action, $open', (record) => {
    expect(parseCareRecord(formatCareRecord(record))).toEqual(record);
  });

  test.each(['', 'null', '[]', '{"serial":-1,"action":"reset","startedAt":"2026-03-01T10:00:00Z","open":[]}', formatCareRecord(note('reset')).replace('reset', 'format')])('is nothing where it is broken: %s', (text) => {
    expect(parseCareRecord(text)).toBeNull();
  });
});
