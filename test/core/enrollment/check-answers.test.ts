import { describe, expect, test } from 'vitest';
import { checkAnswers } from '../../../core/enrollment/check-answers.ts';
import { COMMON_PIN_RULES } from '../../../core/key-care/pin-rules.ts';
import type { EnrollmentAnswers, EnrollmentQuestions } from '../../../core/enrollment/state.ts';

const ALL: EnrollmentQuestions = {
  pin: 'choose',
  pinAttemptsLeft: 3,
  rules: COMMON_PIN_RULES,
  puk: 'choose',
  identity: { name: '', email: '', isFixed: false },
  keyPair: { offered: ['ECCP256', 'ECCP384', 'RSA2048'], offeredPinPolicies: ['once', 'always'], firmware: { major: 5, minor: 4, patch: 3 } },
  replaces: null,
  isFinishing: false,
};
const GOOD: EnrollmentAnswers = { newPin: '470193', newPuk: '58213907', name: 'Ana Example', email: 'ana@example.org' };
const FINISHING: EnrollmentQuestions = { ...ALL, pin: 'enter', puk: null, identity: null, keyPair: null, isFinishing: true };
const SILENT: EnrollmentQuestions = { ...ALL, pin: 'enter-or-change', puk: 'enter-or-keep' };
const INVITED: EnrollmentQuestions = { ...ALL, identity: { name: 'Ana', email: 'ana@example.org', isFixed: true } };

const REPLACING: EnrollmentQuestions = { ...ALL, replaces: { certificateSubject: 'CN=Old', certificateExpiresAt: null, canKeep: false } };
const REPLACING_57: EnrollmentQuestions = { ...ALL, replaces: { certificateSubject: 'CN=Old', certificateExpiresAt: null, canKeep: true } };
const FIPS_RULES: EnrollmentQuestions = { ...ALL, rules: { minLength: 8, refusesTrivial: true } };

describe('checkAnswers', () => {
  test.each<[string, EnrollmentQuestions, EnrollmentAnswers, object]>([
    [
      'factory values are used where the key says that they hold',
      ALL,
      GOOD,
      { pin: { current: '123456', replacement: '470193' }, puk: { current: '12345678', replacement: '58213907' } },
    ],
    ['the first key type offered is the default, and no touch', ALL, GOOD, { keyPair: { keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } }],
    ['a key type and a touch policy', ALL, { ...GOOD, keyType: 'RSA2048', touchPolicy: 'cached' }, { keyPair: { keyType: 'RSA2048', pinPolicy: 'once', touchPolicy: 'cached' } }],
    ['a PIN policy', ALL, { ...GOOD, pinPolicy: 'always' }, { keyPair: { keyType: 'ECCP256', pinPolicy: 'always', touchPolicy: 'never' } }],
    ['keeping the old key is agreeing to a new one', REPLACING_57, { ...GOOD, keepOldKey: true }, { keepsOldKey: true }],
    ['what cannot be kept is not kept', REPLACING, { ...GOOD, replace: true, keepOldKey: true }, { keepsOldKey: false }],
    ['spaces around a name are not part of it', ALL, { ...GOOD, name: '  Ana Example ' }, { identity: { name: 'Ana Example', email: 'ana@example.org' } }],
    [
      'other names',
      ALL,
      { ...GOOD, otherNames: ['upn:ana@corp.example', 'uri:https://example.org/ana'] },
      { identity: { otherNames: [{ kind: 'upn', value: 'ana@corp.example' }, { kind: 'uri', value: 'https://example.org/ana' }] } },
    ],
    ['an invitation is not to be changed', INVITED, { ...GOOD, name: 'Eve', email: 'eve@example.org' }, { identity: { name: 'Ana', email: 'ana@example.org' } }],
    ['only the PIN at the end', FINISHING, { currentPin: '470193' }, { pin: { current: '470193', replacement: null }, puk: null, identity: null, keyPair: null }],
    [
      'before 5.3: a PIN that stays, a PUK that stays',
      SILENT,
      { ...GOOD, currentPin: '470193', newPin: undefined, newPuk: undefined },
      { pin: { current: '470193', replacement: null }, puk: null },
    ],
    [
      'before 5.3: both changed, from what the person typed',
      SILENT,
      { ...GOOD, currentPin: '123456', currentPuk: '12345678' },
      { pin: { current: '123456', replacement: '470193' }, puk: { current: '12345678', replacement: '58213907' } },
    ],
    ['agreed to what is replaced', REPLACING, { ...GOOD, replace: true }, {}],
  ])('accepts: %s', (_name, questions, answers, expected) => {
    const checked = checkAnswers(questions, answers, '5.4.3');
    expect(checked).toMatchObject({ ok: true, value: expected });
  });

  test.each<[string, EnrollmentQuestions, EnrollmentAnswers, object]>([
    ['a new PIN that is the factory one', ALL, { ...GOOD, newPin: '123456' }, { kind: 'pin-invalid', which: 'PIN', rule: 'factory-value' }],
    ['another name of no kind', ALL, { ...GOOD, otherNames: ['ana@corp.example'] }, { kind: 'csr-name-refused', field: 'otherNames' }],
    ['an address of a machine as a name', ALL, { ...GOOD, otherNames: ['ip:192.0.2.1'] }, { kind: 'csr-name-refused', field: 'otherNames' }],
    ['a short new PIN', ALL, { ...GOOD, newPin: '47019' }, { kind: 'pin-invalid', which: 'PIN', rule: 'too-short' }],
    ['a new PIN of nine', ALL, { ...GOOD, newPin: '470193470' }, { kind: 'pin-invalid', which: 'PIN', rule: 'too-long' }],
    ['a new PIN of eight letters and nine bytes', ALL, { ...GOOD, newPin: 'abcdefgé' }, { kind: 'pin-invalid', which: 'PIN', rule: 'too-long' }],
    ['a PIN of six on a key that wants eight', FIPS_RULES, GOOD, { kind: 'pin-invalid', which: 'PIN', rule: 'too-short', minLength: 8 }],
    ['a PIN that a strict key refuses', FIPS_RULES, { ...GOOD, newPin: '77777777' }, { kind: 'pin-invalid', which: 'PIN', rule: 'too-simple' }],
    ['a PIN policy that was not offered', ALL, { ...GOOD, pinPolicy: 'never' }, { kind: 'policy-refused', problem: 'pin-never-on-fips' }],
    ['no PIN at all', FINISHING, {}, { kind: 'pin-invalid', which: 'PIN', rule: 'too-short' }],
    ['a PIN too short to cost an attempt for', FINISHING, { currentPin: '1' }, { kind: 'pin-invalid', which: 'PIN', rule: 'too-short' }],
    ['a new PUK that is the factory one', ALL, { ...GOOD, newPuk: '12345678' }, { kind: 'pin-invalid', which: 'PUK', rule: 'factory-value' }],
    ['no PUK where one is to be chosen', ALL, { ...GOOD, newPuk: undefined }, { kind: 'pin-invalid', which: 'PUK', rule: 'too-short' }],
    ['before 5.3: the factory PIN typed, and kept', SILENT, { ...GOOD, currentPin: '123456', newPin: undefined }, { kind: 'pin-invalid', rule: 'factory-value' }],
    ['before 5.3: a new PUK without the current one', SILENT, { ...GOOD, currentPin: '470193' }, { kind: 'pin-invalid', which: 'PUK', rule: 'too-short' }],
    ['no name', ALL, { ...GOOD, name: ' ' }, { kind: 'csr-name-refused', field: 'commonName' }],
    ['an e-mail that is none', ALL, { ...GOOD, email: 'ana' }, { kind: 'csr-name-refused', field: 'email' }],
    ['a key type that was not offered', ALL, { ...GOOD, keyType: 'ED25519' }, { kind: 'key-type-unsupported', keyType: 'ED25519', firmware: '5.4.3' }],
  ])('refuses: %s', (_name, questions, answers, failure) => {
    expect(checkAnswers(questions, answers, '5.4.3')).toMatchObject({ ok: false, failure });
  });

  test('does nothing before the person agreed to what is replaced', () => {
    expect(checkAnswers(REPLACING, GOOD, '5.4.3')).toBe('unasked');
    expect(checkAnswers(REPLACING, { ...GOOD, keepOldKey: true }, '5.4.3')).toBe('unasked');
  });
});
