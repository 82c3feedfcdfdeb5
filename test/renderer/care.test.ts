import { describe, expect, it } from 'vitest';
import type { SlotView } from '../../core/key-care/inventory-view.ts';
import { PIV_SLOTS } from '../../core/piv-slots.ts';
import type { ManagementKeyFacts } from '../../core/security-key.ts';
import { placeOf } from '../../renderer/care/failure-place.ts';
import { codeDigits, isCode, lockForm, normalizeCode } from '../../renderer/care/lock-form.ts';
import { parseAttempts } from '../../renderer/care/parse-attempts.ts';
import { holderOf, lossesOf, placeName, usesOf } from '../../renderer/care/words-of-place.ts';
import { careEn } from '../../renderer/messages/care-en.ts';
import { en } from '../../renderer/messages/en.ts';
import { chosenOf, emptyPukDraft, isPukDraftComplete, newPukOf } from '../../renderer/secrets/puk-draft.ts';
import { pukSheetText } from '../../renderer/secrets/puk-sheet-text.ts';
import { INVENTORY } from './looking/sample-inventory.ts';
import { SAMPLE_FAILURES } from './sample-failures.ts';

describe('the form of the settings lock', () => {
  const facts = (isFactory: boolean | null, isPinProtected: boolean, isPinDerived = false): ManagementKeyFacts => ({ algorithm: 'AES-192', isFactory, isPinProtected, isPinDerived });
  it.each([
    { form: 'shop', of: facts(true, false) },
    { form: 'unfinished', of: facts(true, true) },
    { form: 'protected', of: facts(false, true) },
    { form: 'protected', of: facts(null, true) },
    { form: 'derived', of: facts(false, false, true) },
    { form: 'unknown', of: facts(false, false) },
    { form: 'not-told', of: facts(null, false) },
  ])('$of.isFactory, $of.isPinProtected, $of.isPinDerived is $form', ({ form, of }) => {
    expect(lockForm(of)).toBe(form);
  });
});

describe('the code of the settings lock', () => {
  const code = '010203040506070801020304050607080102030405060708';

  it.each([
    { algorithm: '3DES', digits: 48 },
    { algorithm: 'AES-128', digits: 32 },
    { algorithm: 'AES-192', digits: 48 },
    { algorithm: 'AES-256', digits: 64 },
  ] as const)('has $digits digits with $algorithm', ({ algorithm, digits }) => {
    expect(codeDigits({ algorithm })).toBe(digits);
    expect(isCode('0'.repeat(digits), { algorithm })).toBe(true);
    expect(isCode('0'.repeat(digits - 1), { algorithm })).toBe(false);
  });

  it('is taken as programs and people write it', () => {
    const pasted = ` ${code.toUpperCase().match(/../g)?.join(':')}\n`;
    expect(normalizeCode(pasted)).toBe(code);
    expect(isCode(pasted, { algorithm: '3DES' })).toBe(true);
  });

  it('is none with a letter too many', () => {
    expect(isCode(`${code.slice(1)}g`, { algorithm: '3DES' })).toBe(false);
  });
});

describe('a number of attempts', () => {
  it.each([
    { typed: '1', count: 1 },
    { typed: ' 255 ', count: 255 },
    { typed: '0', count: null },
    { typed: '256', count: null },
    { typed: '', count: null },
    { typed: '3.5', count: null },
    { typed: '-3', count: null },
  ])('$typed is $count', ({ typed, count }) => {
    expect(parseAttempts(typed)).toBe(count);
  });
});

describe('a place of the key', () => {
  it('has a name of its own for every slot, and none of them is hexadecimal', () => {
    const names = PIV_SLOTS.map((slot) => placeName(slot, careEn.inventory));
    expect(new Set(names).size).toBe(PIV_SLOTS.length);
    expect(names[0]).toBe('Signing in');
    expect([names[4], names.at(-1)]).toEqual(['Retired 1', 'Retired 20']);
    expect(names.filter((name) => /\b[0-9a-f]{2}\b/.test(name) && !/^Retired/.test(name))).toEqual([]);
  });

  it('says whom its certificate is for', () => {
    expect(INVENTORY.map(holderOf)).toEqual(['Ana Example', 'mail.example.org', null, null, 'Ana Example']);
  });

  it('says what its certificate is good for, as far as there are words', () => {
    const uses = usesOf({ keyUsage: ['digitalSignature', 'somethingNew'], purposes: ['1.3.6.1.5.5.7.3.2', '1.2.3.4'] }, careEn.slot);
    expect(uses).toEqual(['signing in to sites', 'signing']);
  });
});

describe('what a reset takes', () => {
  it('names the certificates first, then secrets without one', () => {
    const bare = (slot: SlotView['slot']): SlotView => ({ slot, keyPair: INVENTORY[0]?.keyPair ?? null, certificate: null, fits: null, chain: [], attestation: { kind: 'none' } });
    expect(lossesOf([bare('9e'), ...INVENTORY.slice(0, 1), { ...INVENTORY[1], slot: '9c', keyPair: null } as SlotView])).toEqual([
      { kind: 'certificate', slot: '9a', holder: 'Ana Example', hasSecret: true },
      { kind: 'certificate', slot: '9c', holder: 'mail.example.org', hasSecret: false },
      { kind: 'secret', slot: '9e' },
    ]);
  });

  it('is nothing on an empty key', () => {
    expect(lossesOf([])).toEqual([]);
  });
});

describe('where a failure of care is told', () => {
  it.each([
    { kind: 'pin-wrong', place: 'fields' },
    { kind: 'management-key-malformed', place: 'fields' },
    { kind: 'pin-blocked', place: 'blocked' },
    { kind: 'security-key-removed', place: 'interrupted' },
    { kind: 'device-process-ended', place: 'interrupted' },
    { kind: 'security-key-busy', place: 'panel' },
    { kind: 'printed-object-in-use', place: 'panel' },
  ] as const)('$kind: $place', ({ kind, place }) => {
    const [failure] = SAMPLE_FAILURES[kind];
    expect(failure && placeOf(failure)).toBe(place);
  });
});

describe('a new PUK', () => {
  const rules = { minLength: 8, refusesTrivial: true };

  it('that the app made is complete once it is written down', () => {
    const made = { ...emptyPukDraft, generatedPuk: '30514926' };
    expect(isPukDraftComplete('generate', made, rules)).toBe(false);
    expect(isPukDraftComplete('generate', { ...made, isPukWritten: true }, rules)).toBe(true);
    expect(newPukOf('generate', made)).toBe('30514926');
  });

  it('of the person keeps the rules of this very key', () => {
    const own = (newPuk: string): typeof emptyPukDraft => ({ ...emptyPukDraft, newPuk, newPukAgain: newPuk });
    expect(isPukDraftComplete('own', own('482915'), rules)).toBe(false);
    expect(isPukDraftComplete('own', own('11111111'), rules)).toBe(false);
    expect(isPukDraftComplete('own', own('48291537'), rules)).toBe(true);
    expect(isPukDraftComplete('own', { ...own('48291537'), newPukAgain: '48291538' }, rules)).toBe(false);
  });

  it('is the first that is offered unless the person chose another that is', () => {
    expect(chosenOf(['generate', 'own'], emptyPukDraft)).toBe('generate');
    expect(chosenOf(['generate', 'own'], { ...emptyPukDraft, pukChoice: 'own' })).toBe('own');
    expect(chosenOf(['generate', 'own'], { ...emptyPukDraft, pukChoice: 'keep' })).toBe('generate');
  });
});

describe('the sheet with the PUK', () => {
  it('has the PUK on a line of its own, and the key it belongs to', () => {
    const text = pukSheetText({ puk: '30514926', model: 'YubiKey 5 NFC', serial: '5210001', date: '19 July 2026' }, en.pukSheet);
    expect(text.split('\n')).toContain('30514926');
    expect(text).toContain('Serial: 5210001');
    expect(text).toContain(en.pukSheet.keep);
  });
});
