import type { ConditionView } from '../../core/ipc.ts';
import type { KeyConditionKind } from '../../core/key-care/conditions.ts';
import { urgencyOf } from '../messages/condition-words.ts';

export interface ArrangedConditions {
  /** Takes the place of what is said of the enrollment; null: the key works. */
  readonly notice: ConditionView | null;
  /** What else there is to know, a line each. */
  readonly lines: readonly ConditionView[];
}

/** What the first condition says already, in other words. */
const IMPLIED: { readonly [Kind in KeyConditionKind]?: readonly KeyConditionKind[] } = {
  'reset-unfinished': ['pin-and-puk-blocked', 'pin-blocked', 'pin-last-attempt', 'pin-attempts-lost', 'puk-blocked'],
  'retries-unfinished': ['pin-factory', 'puk-factory'],
};

/**
 * One thing is said loudly: the most urgent, where it is more than a remark. That enrolling is not finished is left out
 * where the enrollment itself says more of it (`hasStanding`: it waits, or was denied).
 */
export function arrangeConditions(views: readonly ConditionView[], hasStanding: boolean): ArrangedConditions {
  const told = views.filter(({ condition }) => condition.kind !== 'enrollment-unfinished' || !hasStanding);
  const [first, ...others] = told;
  if (first === undefined || urgencyOf(first.condition) === 'remark') return { notice: null, lines: told };
  const implied = IMPLIED[first.condition.kind] ?? [];
  return { notice: first, lines: others.filter(({ condition }) => !implied.includes(condition.kind)) };
}
