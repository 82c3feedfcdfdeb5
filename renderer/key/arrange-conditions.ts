import type { ConditionView } from '../../core/ipc.ts';
import { urgencyOf } from '../messages/condition-words.ts';

export interface ArrangedConditions {
  /** Takes the place of what is said of the enrollment; null: the key works. */
  readonly notice: ConditionView | null;
  /** What else there is to know, a line each. */
  readonly lines: readonly ConditionView[];
}

/**
 * One thing is said loudly: the most urgent, where it is more than a remark. That enrolling is not finished is left out
 * where the enrollment itself says more of it (`hasStanding`: it waits, or was denied).
 */
export function arrangeConditions(views: readonly ConditionView[], hasStanding: boolean): ArrangedConditions {
  const told = views.filter(({ condition }) => condition.kind !== 'enrollment-unfinished' || !hasStanding);
  const [first, ...others] = told;
  return first === undefined || urgencyOf(first.condition) === 'remark' ? { notice: null, lines: told } : { notice: first, lines: others };
}
