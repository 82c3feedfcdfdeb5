import { useEffect, useState } from 'react';
import type { AuthorityView, ConditionView } from '../../core/ipc.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';
import { call, currentAuthority, useLive } from '../bridge.ts';

interface Answered {
  readonly authority: AuthorityView | null | undefined;
  readonly serial: number | null;
  readonly conditions: readonly ConditionView[];
}

/**
 * What a person should know of a key, the most urgent first. Asked again whenever the key was read anew or the CA is
 * another, which costs the key nothing; undefined until the first answer for this key.
 */
export function useConditions(readerName: string | null, facts: SecurityKeyFacts | null): readonly ConditionView[] | undefined {
  const authority = useLive(currentAuthority);
  const [answered, setAnswered] = useState<Answered | null>(null);
  useEffect(() => {
    if (readerName === null || facts === null) return;
    let isCurrent = true;
    void call('care.conditions', { readerName }).then((answer) => {
      // A key that cannot be judged is shown without a judgement.
      if (isCurrent) setAnswered({ authority, serial: facts.serial, conditions: answer.ok ? answer.value : [] });
    });
    return () => {
      isCurrent = false;
    };
  }, [readerName, facts, authority]);
  const isOfThisKey = answered !== null && answered.serial === facts?.serial && answered.authority === authority;
  return isOfThisKey ? answered.conditions : undefined;
}
