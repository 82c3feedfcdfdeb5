import { describe, expect, it } from 'vitest';
import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import { COMMON_PIN_RULES } from '../../core/key-care/pin-rules.ts';
import { emptyDraft, isChoosingPin, pukChoices, questionPages, toAnswers, withoutSecrets, type EnrollmentDraft } from '../../renderer/enrollment/draft.ts';
import { keyTypeWarning } from '../../renderer/enrollment/key-type-advice.ts';
import { subjectName } from '../../renderer/messages/subject-name.ts';
import { localeFor, systemLanguage } from '../../renderer/messages/choose-language.ts';

const firmware = { major: 5, minor: 4, patch: 3 };
const all: EnrollmentQuestions = {
  pin: 'choose',
  pinAttemptsLeft: 3,
  rules: COMMON_PIN_RULES,
  puk: 'choose',
  identity: { name: '', email: '', isFixed: false },
  keyPair: { offered: ['ECCP256', 'RSA2048'], offeredPinPolicies: ['once', 'always', 'never'], firmware },
  replaces: { certificateSubject: 'CN=Ana', certificateExpiresAt: null, canKeep: false },
  isFinishing: false,
};
const finishing: EnrollmentQuestions = { ...all, pin: 'enter', puk: null, identity: null, keyPair: null, replaces: null, isFinishing: true };
const typed: EnrollmentDraft = {
  ...emptyDraft,
  name: ' Ana Example ',
  email: 'ana@example.org',
  otherNames: ' upn:ana@corp.example, uri:urn:ana ',
  currentPin: '111111',
  newPin: '482915',
  newPinAgain: '482915',
  currentPuk: '12345678',
  newPuk: '87654321',
  newPukAgain: '87654321',
  generatedPuk: '30514926',
  isPukWritten: true,
  replaceConfirmation: '5210001',
};

describe('the pages of the questions', () => {
  it('are only those that something is asked on', () => {
    expect(questionPages(all)).toEqual(['replace', 'identity', 'pin', 'puk']);
    expect(questionPages(finishing)).toEqual(['pin']);
  });
});

describe('the answers', () => {
  it('answer every question of a new key, with the generated PUK', () => {
    expect(toAnswers(all, typed)).toEqual({
      newPin: '482915',
      newPuk: '30514926',
      name: 'Ana Example',
      email: 'ana@example.org',
      otherNames: ['upn:ana@corp.example', 'uri:urn:ana'],
      keyType: 'ECCP256',
      pinPolicy: 'once',
      touchPolicy: 'never',
      replace: true,
    });
  });

  it('never carry a secret that was not asked for', () => {
    expect(toAnswers(finishing, typed)).toEqual({ currentPin: '111111' });
  });

  it('keep what an invitation has fixed', () => {
    const invited = { ...all, identity: { name: 'Ana', email: 'ana@example.org', isFixed: true } };
    expect(toAnswers(invited, { ...typed, name: null, email: null })).toMatchObject({ name: 'Ana', email: 'ana@example.org' });
  });

  it('keep the old key where the key can and the person does not say otherwise', () => {
    const keeping: EnrollmentQuestions = { ...all, replaces: { certificateSubject: 'CN=Ana', certificateExpiresAt: null, canKeep: true } };
    expect(toAnswers(keeping, typed)).toMatchObject({ keepOldKey: true });
    expect(toAnswers(keeping, typed)).not.toHaveProperty('replace');
    expect(toAnswers(keeping, { ...typed, keepsOldKey: false })).toMatchObject({ replace: true });
    expect(toAnswers(keeping, { ...typed, keepsOldKey: false })).not.toHaveProperty('keepOldKey');
    expect(toAnswers(all, typed)).not.toHaveProperty('keepOldKey');
  });

  it('carry the policy that was chosen', () => {
    expect(toAnswers(all, { ...typed, pinPolicy: 'always', touchPolicy: 'cached' })).toMatchObject({ pinPolicy: 'always', touchPolicy: 'cached' });
  });

  it('change the PIN of an old key where it is the factory one, and else only on request', () => {
    const unknown: EnrollmentQuestions = { ...finishing, pin: 'enter-or-change' };
    expect(isChoosingPin(unknown, { ...typed, currentPin: '123456' })).toBe(true);
    expect(toAnswers(unknown, typed)).toEqual({ currentPin: '111111' });
    expect(toAnswers(unknown, { ...typed, wantsNewPin: true })).toEqual({ currentPin: '111111', newPin: '482915' });
  });

  it('leave the PUK of an old key alone unless the person changes it', () => {
    const unknown: EnrollmentQuestions = { ...finishing, puk: 'enter-or-keep' };
    expect(pukChoices(unknown)).toEqual(['keep', 'change']);
    expect(toAnswers(unknown, { ...typed, pukChoice: 'generate' })).toEqual({ currentPin: '111111' });
    expect(toAnswers(unknown, { ...typed, pukChoice: 'change' })).toEqual({ currentPin: '111111', currentPuk: '12345678', newPuk: '87654321' });
  });

  it('leave nothing secret behind but the PUK that is on paper already', () => {
    const left = withoutSecrets(typed);
    expect(Object.values(left)).not.toContain('482915');
    expect(Object.values(left)).not.toContain('111111');
    expect(Object.values(left)).not.toContain('87654321');
    expect(left.generatedPuk).toBe('30514926');
  });
});

describe('advice on a kind of secret', () => {
  it.each([
    { keyType: 'ECCP256', version: '5.4.3', warning: 'eucleak' },
    { keyType: 'ECCP384', version: '5.6.9', warning: 'eucleak' },
    { keyType: 'ECCP256', version: '5.7.0', warning: null },
    { keyType: 'ED25519', version: '5.7.1', warning: 'ed25519' },
    { keyType: 'RSA2048', version: '4.2.5', warning: null },
    { keyType: 'RSA2048', version: '4.2.6', warning: 'roca' },
    { keyType: 'RSA2048', version: '4.3.4', warning: 'roca' },
    { keyType: 'RSA2048', version: '4.3.5', warning: null },
    { keyType: 'RSA4096', version: '5.7.1', warning: null },
  ] as const)('$keyType on $version: $warning', ({ keyType, version, warning }) => {
    const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
    expect(keyTypeWarning(keyType, { major, minor, patch })).toBe(warning);
  });
});

describe('the name in a subject', () => {
  it.each([
    { subject: 'CN=Ana Example,O=Contoso', name: 'Ana Example' },
    { subject: 'O=Contoso, CN=Ana Example', name: 'Ana Example' },
    { subject: 'O=Contoso', name: 'O=Contoso' },
    { subject: 'Ana Example', name: 'Ana Example' },
    { subject: String.raw`O=x\, CN\=Boss, CN=Ana Example`, name: 'Ana Example' },
    { subject: String.raw`CN=Example\, Ana`, name: 'Example, Ana' },
  ])('$subject', ({ subject, name }) => {
    expect(subjectName(subject)).toBe(name);
  });
});

describe('the language of the system', () => {
  it.each([
    { wanted: ['de-AT', 'en'], language: 'de', locale: 'de-AT' },
    { wanted: ['fr-FR', 'de'], language: 'de', locale: 'de' },
    { wanted: ['fr-FR'], language: 'en', locale: 'en' },
    { wanted: ['en-GB'], language: 'en', locale: 'en-GB' },
  ] as const)('$wanted', ({ wanted, language, locale }) => {
    expect(systemLanguage(wanted)).toBe(language);
    expect(localeFor(language, wanted)).toBe(locale);
  });
});
