import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';
import type { AttemptsLeft } from '../secrets/present-secret.tsx';

/**
 * The attempts left as last heard: from the key's facts, or from a wrong entry since, which is the newer truth until the
 * key was read again.
 */
export function useAttempts(which: 'pin' | 'puk', facts: SecurityKeyFacts, failure: Failure | null): AttemptsLeft {
  const [heard, setHeard] = useState({ failure, facts });
  if (heard.failure !== failure) setHeard({ failure, facts });
  const isWrong = (which === 'pin' && failure?.kind === 'pin-wrong') || (which === 'puk' && failure?.kind === 'puk-wrong');
  const { attemptsLeft, attemptsTotal } = facts[which];
  return { attemptsLeft: isWrong && heard.facts === facts ? failure.attemptsLeft : attemptsLeft, attemptsTotal, isWarned: isWrong };
}
