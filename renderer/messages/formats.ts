/** Dates and fingerprints as a person reads them. */

export interface Formats {
  /** "19 July 2026" */
  readonly date: (date: Date) => string;
  /** "19 July 2026 at 14:05" */
  readonly dateTime: (date: Date) => string;
  /** "14:05" */
  readonly time: (date: Date) => string;
  /** "in 11 months", "3 minutes ago" */
  readonly relative: (date: Date, now?: Date) => string;
}

const MINUTE = 60;
const UNITS = [
  { unit: 'year', seconds: 365.25 * 24 * 60 * MINUTE },
  { unit: 'month', seconds: 30.44 * 24 * 60 * MINUTE },
  { unit: 'day', seconds: 24 * 60 * MINUTE },
  { unit: 'hour', seconds: 60 * MINUTE },
  { unit: 'minute', seconds: MINUTE },
] as const;

export function createFormats(locale: string): Formats {
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const justNow = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    date: (value) => date.format(value),
    dateTime: (value) => dateTime.format(value),
    time: (value) => time.format(value),
    relative: (value, now = new Date()) => {
      const seconds = (value.getTime() - now.getTime()) / 1000;
      // 364.9 days are a year to a person, and 59.7 minutes an hour.
      const fit = UNITS.find((unit) => Math.abs(seconds) >= unit.seconds * 0.97);
      return fit === undefined ? justNow.format(0, 'second') : relative.format(Math.round(seconds / fit.seconds), fit.unit);
    },
  };
}

/** A SHA-256 in hex as 16 groups of 4 digits. */
export function fingerprintGroups(fingerprint: string): readonly string[] {
  return fingerprint.match(/.{1,4}/g) ?? [];
}

/** Only the hex digits of what somebody pasted: colons, spaces and a "SHA256:" before it go. */
export function normalizeFingerprint(text: string): string {
  return text
    .replace(/^.*sha-?256[^0-9a-f]*(fingerprint)?\s*[:=]\s*/i, '')
    .replace(/[^0-9a-f]/gi, '')
    .toLowerCase();
}
