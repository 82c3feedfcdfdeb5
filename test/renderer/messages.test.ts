import { describe, expect, it } from 'vitest';
import { de } from '../../renderer/messages/de.ts';
import { en, callName, type Messages } from '../../renderer/messages/en.ts';
import { wordFailure } from '../../renderer/messages/failures.ts';
import { SAMPLE_FAILURES } from './sample-failures.ts';

/** ui.md: shown under Details only. */
const JARGON = /\b(slot|csr|pkcs ?#? ?\d+|apdu|ckr\w*|der|asn\.?1|sw[12]?|status ?word|piv|chuid)\b/i;
/** "der" is a word in German. */
const JARGON_DE = new RegExp(JARGON.source.replace('|der', ''), 'i');
const MAX_WORDS = 20;

/** Every text with its path; functions are given a name, which stands for any argument. */
function texts(value: unknown, path: string): readonly { readonly path: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value === 'function') return texts((value as (...args: readonly string[]) => unknown)('Ana Example', 'Bo'), path);
  if (typeof value !== 'object' || value === null) throw new Error(`${path} is no text`);
  return Object.entries(value).flatMap(([key, part]) => texts(part, `${path}.${key}`));
}

function allTexts(messages: Messages): readonly { readonly path: string; readonly text: string }[] {
  const { failures, ...others } = messages;
  const worded = Object.values(SAMPLE_FAILURES).flatMap((samples) =>
    samples.flatMap((failure) => {
      const { what, todo } = wordFailure(failure, failures);
      return [
        { path: `failures.${failure.kind}.what`, text: what },
        { path: `failures.${failure.kind}.todo`, text: todo },
      ];
    }),
  );
  return [...texts(others, ''), ...worded];
}

function sentences(text: string): readonly string[] {
  return text.split(/(?<=[.!?:])\s+/);
}

describe.each([
  { language: 'en', messages: en, jargon: JARGON },
  { language: 'de', messages: de, jargon: JARGON_DE },
])('messages in $language', ({ messages, jargon }) => {
  const all = allTexts(messages);

  it('are never empty and never show a value that is not there', () => {
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ text }) => text.trim() === '' || /undefined|null|\[object/.test(text))).toEqual([]);
  });

  it(`have sentences of at most ${MAX_WORDS} words`, () => {
    expect(all.filter(({ text }) => sentences(text).some((sentence) => sentence.split(/\s+/).length > MAX_WORDS))).toEqual([]);
  });

  it('use the words of the window, not those of the standards', () => {
    expect(all.filter(({ text }) => jargon.test(text))).toEqual([]);
  });
});

describe('German', () => {
  it('has its own words for everything but names', () => {
    const english = new Map(allTexts(en).map(({ path, text }) => [path, text]));
    const same = allTexts(de).filter(({ path, text }) => english.get(path) === text && text.split(' ').length > 2 && path !== '.app.seconds');
    expect(same).toEqual([]);
  });
});

describe('counts', () => {
  it('know one from more', () => {
    expect(en.rail.pending(1)).toBe('1 request waits for you');
    expect(en.rail.pending(3)).toBe('3 requests wait for you');
    expect(de.rail.pending(1)).toBe('1 Antrag wartet auf Sie');
    expect(de.rail.pending(3)).toBe('3 Anträge warten auf Sie');
  });
});

describe('the name on a button', () => {
  it.each([
    { name: 'Ana Example', called: 'Ana', button: 'Approve Ana’s key' },
    { name: '  Jonas Weber ', called: 'Jonas', button: 'Approve Jonas’ key' },
    { name: 'A'.repeat(200), called: `${'A'.repeat(23)}…`, button: `Approve ${'A'.repeat(23)}…’s key` },
  ])('of $name is short', ({ name, called, button }) => {
    expect(callName(name)).toBe(called);
    expect(en.queue.request.approve(name)).toBe(button);
  });
});
