import { describe, expect, it } from 'vitest';
import { createFormats, fingerprintGroups, normalizeFingerprint } from '../../renderer/messages/formats.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const DAY = 86_400;

describe('a date relative to now', () => {
  const { relative } = createFormats('en-GB');
  it.each([
    { seconds: 0, says: 'now' },
    { seconds: -20, says: 'now' },
    { seconds: -240, says: '4 minutes ago' },
    { seconds: -3590, says: '1 hour ago' },
    { seconds: -26 * 3600, says: '1 day ago' },
    { seconds: 335 * DAY, says: 'in 11 months' },
    { seconds: 364.9 * DAY, says: 'in 1 year' },
    { seconds: 10 * 365.25 * DAY, says: 'in 10 years' },
  ])('$seconds seconds away is "$says"', ({ seconds, says }) => {
    expect(relative(after(seconds), NOW)).toBe(says);
  });

  it('speaks the language of the window', () => {
    expect(createFormats('de-AT').relative(after(-240), NOW)).toBe('vor 4 Minuten');
  });
});

describe('a fingerprint', () => {
  const fingerprint = '9f3ac1d20b77e4586a1f0c9d3e52b8846d07fa13c5e9924b81d6f03a7c2e5b90';

  it('is read in 16 groups of 4', () => {
    expect(fingerprintGroups(fingerprint)).toHaveLength(16);
    expect(fingerprintGroups(fingerprint).join('')).toBe(fingerprint);
  });

  it.each([
    { pasted: fingerprint.toUpperCase() },
    { pasted: ` ${fingerprintGroups(fingerprint).join(' ')}\n` },
    { pasted: `sha256 Fingerprint=${fingerprint.match(/../g)?.join(':')}` },
    { pasted: `SHA256:${fingerprint}` },
    { pasted: `SHA-256 = ${fingerprint}` },
  ])('is recognised as pasted: $pasted', ({ pasted }) => {
    expect(normalizeFingerprint(pasted)).toBe(fingerprint);
  });

  it('stays different where one digit differs', () => {
    expect(normalizeFingerprint(`${fingerprint.slice(0, -1)}1`)).not.toBe(fingerprint);
  });
});
