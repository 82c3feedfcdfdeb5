/** When a certificate should be renewed. Pure. */

const WEEK_MILLISECONDS = 7 * 86_400_000;
/** Of the lifetime that is left when the first reminder is due. */
const LAST_PART = 1 / 3;

/** 'not-yet'; 'soon': the last third of its lifetime; 'now': the last week, or the last half of a shorter third; 'over'. */
export type RenewalTime = 'not-yet' | 'soon' | 'now' | 'over';

/**
 * Reminders grow with the lifetime: a year's certificate is due four months before its end, a day's eight hours before.
 */
export function renewalTime({ validFrom, validTo }: { readonly validFrom: Date; readonly validTo: Date }, now: Date): RenewalTime {
  const left = validTo.getTime() - now.getTime();
  const lastPart = (validTo.getTime() - validFrom.getTime()) * LAST_PART;
  if (left < 0) return 'over';
  if (left <= Math.min(WEEK_MILLISECONDS, lastPart / 2)) return 'now';
  return left <= lastPart ? 'soon' : 'not-yet';
}
