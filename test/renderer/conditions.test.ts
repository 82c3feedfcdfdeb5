import { describe, expect, it } from 'vitest';
import type { KeyCondition } from '../../core/key-care/conditions.ts';
import type { ConditionView } from '../../core/ipc.ts';
import type { CareAct, Loss } from '../../core/key-care/ways-out.ts';
import { screenBefore, screenOf } from '../../renderer/care/care-screen.ts';
import { arrangeConditions } from '../../renderer/key/arrange-conditions.ts';
import { careDe } from '../../renderer/messages/care-de.ts';
import { careEn } from '../../renderer/messages/care-en.ts';
import { urgencyOf, wordAct, wordCondition, wordLoss } from '../../renderer/messages/condition-words.ts';
import { createFormats } from '../../renderer/messages/formats.ts';

const formats = createFormats('en-GB');
const certificate = { subject: 'mail.example.org', issuer: 'Contoso CA', expiresAt: new Date('2026-03-01T12:00:00Z') };
const unnamed = { subject: null, issuer: null, expiresAt: null };

/** One of every kind; the compiler names the kind that is missing. */
const SAMPLES: { readonly [Kind in KeyCondition['kind']]: Extract<KeyCondition, { readonly kind: Kind }> } = {
  'reset-unfinished': { kind: 'reset-unfinished', startedAt: new Date(0) },
  'pin-and-puk-blocked': { kind: 'pin-and-puk-blocked' },
  'pin-blocked': { kind: 'pin-blocked', pukAttemptsLeft: 3 },
  'retries-unfinished': { kind: 'retries-unfinished', pin: true, puk: null },
  'pin-last-attempt': { kind: 'pin-last-attempt' },
  'pin-attempts-lost': { kind: 'pin-attempts-lost', left: 2, total: 5 },
  'puk-blocked': { kind: 'puk-blocked' },
  'management-key-unknown': { kind: 'management-key-unknown' },
  'management-key-unfinished': { kind: 'management-key-unfinished' },
  'management-key-derived': { kind: 'management-key-derived' },
  'retire-unfinished': { kind: 'retire-unfinished', slot: '82' },
  'certificate-without-key': { kind: 'certificate-without-key', certificate },
  'certificate-unfit': { kind: 'certificate-unfit', certificate },
  'certificate-unreadable': { kind: 'certificate-unreadable' },
  'certificate-expired': { kind: 'certificate-expired', certificate },
  'certificate-expires-soon': { kind: 'certificate-expires-soon', certificate, isPressing: true },
  'certificate-foreign': { kind: 'certificate-foreign', certificate },
  'enrollment-unfinished': { kind: 'enrollment-unfinished' },
  'pin-factory': { kind: 'pin-factory' },
  'puk-factory': { kind: 'puk-factory' },
};
const ALL = Object.values(SAMPLES);

function view(kind: KeyCondition['kind']): ConditionView {
  return { condition: SAMPLES[kind], waysOut: [] };
}

describe('the words of a condition', () => {
  it.each([
    { language: 'English', texts: careEn },
    { language: 'German', texts: careDe },
  ])('are there for every kind, and name the certificate, in $language', ({ texts }) => {
    for (const condition of ALL) {
      const words = wordCondition(condition, texts, formats);
      expect(words.title, condition.kind).not.toMatch(/undefined|null|=>/);
      if ('certificate' in condition) expect(words.title, condition.kind).toContain('mail.example.org');
    }
  });

  it('say the number of attempts, and when a certificate ends', () => {
    expect(wordCondition(SAMPLES['pin-attempts-lost'], careEn, formats).title).toBe('A wrong PIN was entered: 2 of 5 attempts are left.');
    expect(wordCondition(SAMPLES['certificate-expired'], careEn, formats).text).toContain('1 March 2026');
  });

  it('do without a name, or a date, where the certificate has none', () => {
    const expired: KeyCondition = { kind: 'certificate-expired', certificate: unnamed };
    expect(wordCondition(expired, careEn, formats)).toEqual({ title: 'The certificate on this key has expired.', text: undefined });
  });
});

describe('what a way out loses', () => {
  it.each<{ loses: Loss; condition: KeyCondition; says: string }>([
    { loses: 'nothing', condition: SAMPLES['pin-blocked'], says: 'Nothing is lost.' },
    { loses: 'certificate', condition: SAMPLES['certificate-unfit'], says: 'The certificate for mail.example.org will be gone.' },
    { loses: 'certificate-and-key', condition: SAMPLES['certificate-expired'], says: 'The certificate for mail.example.org and its secret will be gone.' },
    { loses: 'certificate-and-key', condition: SAMPLES['enrollment-unfinished'], says: 'The secret on this key will be gone.' },
    { loses: 'everything', condition: SAMPLES['pin-and-puk-blocked'], says: 'Everything on this key will be gone.' },
  ])('$loses: $says', ({ loses, condition, says }) => {
    expect(wordLoss(loses, condition, careEn)).toBe(says);
  });
});

describe('the words of a way out', () => {
  it.each<{ act: CareAct; condition: KeyCondition; says: string }>([
    { act: 'unblock-pin', condition: SAMPLES['pin-blocked'], says: careEn.acts['unblock-pin'] },
    { act: 'unblock-pin', condition: SAMPLES['pin-last-attempt'], says: careEn.newPinWithPuk },
    { act: 'unblock-pin', condition: SAMPLES['reset-unfinished'], says: careEn.keepByPuk },
    { act: 'enter-pin', condition: SAMPLES['reset-unfinished'], says: careEn.keepByPin },
    { act: 'enter-pin', condition: SAMPLES['pin-last-attempt'], says: careEn.acts['enter-pin'] },
  ])('$act after $condition.kind: $says', ({ act, condition, says }) => {
    expect(wordAct({ act, loses: 'nothing' }, condition, careEn)).toBe(says);
  });
});

describe('what the overview says loudly', () => {
  it('is the most urgent condition, and the rest are lines', () => {
    const { notice, lines } = arrangeConditions([view('pin-last-attempt'), view('certificate-foreign'), view('puk-blocked')], true);
    expect(notice?.condition.kind).toBe('pin-last-attempt');
    expect(lines.map(({ condition }) => condition.kind)).toEqual(['certificate-foreign', 'puk-blocked']);
  });

  it('is nothing where the key works', () => {
    const views = [view('puk-blocked'), view('management-key-unknown')];
    expect(arrangeConditions(views, true)).toEqual({ notice: null, lines: views });
    expect(arrangeConditions([], false)).toEqual({ notice: null, lines: [] });
  });

  it('leaves an unfinished enrollment to the enrollment, once that says more of it', () => {
    expect(arrangeConditions([view('enrollment-unfinished')], true).notice).toBeNull();
    expect(arrangeConditions([view('enrollment-unfinished')], false).notice?.condition.kind).toBe('enrollment-unfinished');
  });

  it.each([
    { loud: 'reset-unfinished', implied: 'pin-blocked' },
    { loud: 'retries-unfinished', implied: 'puk-factory' },
  ] as const)('$loud says $implied already', ({ loud, implied }) => {
    expect(arrangeConditions([view(loud), view(implied), view('certificate-foreign')], true).lines.map(({ condition }) => condition.kind)).toEqual(['certificate-foreign']);
  });

  it('is red only where something is lost whatever is done', () => {
    expect(ALL.filter((condition) => urgencyOf(condition) === 'loss').map(({ kind }) => kind)).toEqual(['pin-and-puk-blocked']);
  });
});

describe('the screens of care', () => {
  it('have a way out each, but for asking a person', () => {
    const acts = Object.keys(careEn.acts) as readonly CareAct[];
    expect(acts.filter((act) => screenOf(act) === null)).toEqual(['ask-administrator']);
    expect(screenOf('delete-certificate')).toEqual({ kind: 'delete', slot: '9a' });
    expect(screenOf('go-on-enrolling')).toBe('enroll');
  });

  it('lead back step by step', () => {
    expect(screenBefore({ kind: 'delete', slot: '9c' })).toEqual({ kind: 'slot', slot: '9c' });
    expect(screenBefore({ kind: 'slot', slot: '9c' })).toEqual({ kind: 'inventory' });
    expect(screenBefore({ kind: 'inventory' })).toEqual({ kind: 'list' });
    expect(screenBefore({ kind: 'list' })).toBeNull();
  });
});
