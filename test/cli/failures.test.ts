import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../cli/exit-codes.ts';
import type { AnyFailure } from '../../cli/failures.ts';
import { describeFailure } from '../../cli/messages/en.ts';

/** Exit codes of issue 2: 2 usage, 3 the key, 4 the CA, 5 refused by policy or approver, 75 still pending. */
const CASES: readonly (readonly [code: number, failure: AnyFailure])[] = [
  [2, { kind: 'usage', detail: 'They do not fit together.' }],
  [2, { kind: 'pin-invalid', which: 'PIN', rule: 'too-short' }],
  [2, { kind: 'pin-invalid', which: 'PUK', rule: 'too-short', minLength: 8 }],
  [2, { kind: 'management-key-malformed', digits: 48 }],
  [2, { kind: 'attempts-invalid' }],
  [2, { kind: 'serial-mismatch' }],
  [2, { kind: 'file-unwritable', path: '/nowhere/certificate.pem', detail: 'ENOENT' }],
  [2, { kind: 'invitation-unreadable', reason: 'fingerprint' }],
  [3, { kind: 'smart-card-service-missing' }],
  [3, { kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true }],
  [3, { kind: 'security-key-busy', holder: 'firefox' }],
  [3, { kind: 'security-key-busy' }],
  [3, { kind: 'pin-wrong', attemptsLeft: 1 }],
  [3, { kind: 'pin-blocked' }],
  [3, { kind: 'puk-blocked' }],
  [3, { kind: 'management-key-unknown' }],
  [3, { kind: 'move-unsupported', firmware: '5.4.3' }],
  [3, { kind: 'no-retired-slot-free' }],
  [3, { kind: 'policy-refused', problem: 'pin-never-on-fips' }],
  [3, { kind: 'fips-not-ready' }],
  [3, { kind: 'holder-not-releasable', holder: 'firefox' }],
  [3, { kind: 'holder-not-releasable' }],
  [3, { kind: 'nothing-in-slot', slot: '9c', wanted: 'certificate' }],
  [3, { kind: 'not-proven-genuine', slot: '9a', reason: 'unknown-issuer', issuer: 'CN=Somebody' }],
  [3, { kind: 'card-error', instruction: 'PUT DATA', statusWord: 0x6a84 }],
  [3, { kind: 'certificate-unfit', reason: 'read-back' }],
  [3, { kind: 'proof-failed', reason: 'signature', module: '/usr/lib/opensc-pkcs11.so' }],
  [4, { kind: 'certificate-unfit', reason: 'chain' }],
  [4, { kind: 'authority-unreachable', address: 'https://ca.example.org' }],
  [4, { kind: 'authority-fingerprint-mismatch', address: 'https://ca.example.org', expected: 'aa', actual: 'bb' }],
  [4, { kind: 'authority-locked' }],
  [4, { kind: 'passphrase-wrong' }],
  [5, { kind: 'invitation-used' }],
  [5, { kind: 'csr-key-refused', keyType: 'RSA1024' }],
  [5, { kind: 'attestation-refused', problem: 'unknown-issuer', issuer: 'Somebody' }],
  [5, { kind: 'request-denied', reason: 'Who are you?' }],
  [5, { kind: 'not-an-approver' }],
  [75, { kind: 'pending', requestId: '0'.repeat(32), words: ['a', 'b', 'c', 'd'], authority: 'Home CA' }],
  [1, { kind: 'unexpected', id: 'abcd1234' }],
];

describe('a failure', () => {
  it.each(CASES)('exit code %i: %j', (code, failure) => {
    expect(exitCodeOf(failure)).toBe(code);
    const { happened, toDo, details } = describeFailure(failure);
    for (const text of [happened, toDo]) expect(text).toMatch(/^.{8,}[^ ]$/);
    expect(`${happened}${toDo}${details ?? ''}`).not.toMatch(/undefined|\[object|null/);
  });

  it('names our own command for a blocked PIN, and the one that frees a key from GnuPG', () => {
    expect(describeFailure({ kind: 'pin-blocked' }).toDo).toContain('latchkey key pin unblock');
    expect(describeFailure({ kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true })).toMatchObject({ happened: expect.stringContaining('scdaemon'), toDo: expect.stringContaining('gpgconf --kill scdaemon') });
  });

  it('tells the length that this key demands', () => {
    expect(describeFailure({ kind: 'pin-invalid', which: 'PIN', rule: 'too-short', minLength: 8 }).happened).toContain(': 8 characters');
    expect(describeFailure({ kind: 'pin-invalid', which: 'PIN', rule: 'too-short' }).happened).toContain(': 6 to 8 characters');
  });

  it('tells the attempts left in words', () => {
    expect(describeFailure({ kind: 'pin-wrong', attemptsLeft: 1 }).toDo).toContain('1 attempt left');
    expect(describeFailure({ kind: 'puk-wrong', attemptsLeft: 2 }).toDo).toContain('2 attempts left');
  });
});
