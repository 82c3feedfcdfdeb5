import { expect, test } from 'vitest';
import { renewalTime, type RenewalTime } from '../../../core/key-care/renewal-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const validFrom = new Date('2026-01-01T00:00:00Z');
const at = (milliseconds: number): Date => new Date(validFrom.getTime() + milliseconds);

test.each<[string, number, number, RenewalTime]>([
  ['a year, fresh', 360 * DAY, 0, 'not-yet'],
  ['a year, just before its last third', 360 * DAY, 240 * DAY - 1, 'not-yet'],
  ['a year, a third left', 360 * DAY, 240 * DAY, 'soon'],
  ['a year, eight days left', 360 * DAY, 352 * DAY, 'soon'],
  ['a year, a week left', 360 * DAY, 353 * DAY, 'now'],
  ['a year, at its last moment', 360 * DAY, 360 * DAY, 'now'],
  ['a year, after it', 360 * DAY, 360 * DAY + 1, 'over'],
  ['a week, fresh', 7 * DAY, 0, 'not-yet'],
  ['a day, 9 hours left', DAY, 15 * HOUR, 'not-yet'],
  ['a day, 8 hours left', DAY, 16 * HOUR, 'soon'],
  ['a day, 4 hours left', DAY, 20 * HOUR, 'now'],
  ['a certificate that ends before it begins', -DAY, 0, 'over'],
])('%s', (_, lifetime, age, expected) => {
  expect(renewalTime({ validFrom, validTo: at(lifetime) }, at(age))).toBe(expected);
});
