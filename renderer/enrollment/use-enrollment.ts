import { useCallback, useEffect, useState } from 'react';
import type { EnrollmentAnswers, EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';
import { call, rememberEnrollment, useEnrollmentState } from '../bridge.ts';
import type { FollowedKey } from '../key/followed-key.ts';

export interface EnrollmentWork {
  readonly state: EnrollmentState | undefined;
  /** The call itself failed, before any state. */
  readonly failure: Failure | null;
  /** Reads key and CA again, and goes on from there. */
  readonly begin: () => void;
  readonly answer: (answers: EnrollmentAnswers) => void;
  readonly isBusy: boolean;
}

/** The enrollment of the key in a reader, begun when the room opens. */
export function useEnrollment({ readerName, facts, isPresent }: FollowedKey): EnrollmentWork {
  const state = useEnrollmentState(readerName);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);

  const take = useCallback(async (reader: string, answer: Promise<Result<EnrollmentState>>): Promise<void> => {
    setBusy(true);
    const result = await answer;
    setBusy(false);
    setFailure(result.ok ? null : result.failure);
    if (result.ok) rememberEnrollment(reader, result.value);
  }, []);
  const begin = useCallback(() => {
    if (readerName !== null) void take(readerName, call('enrollment.begin', { readerName }));
  }, [readerName, take]);
  const answer = useCallback(
    (answers: EnrollmentAnswers) => {
      if (readerName !== null) void take(readerName, call('enrollment.answer', { readerName, answers }));
    },
    [readerName, take],
  );

  // What stopped it was cured elsewhere in the app; main cannot know that the person is back for it.
  const isCured = state?.kind === 'stopped' && isPresent && facts !== null && isOver(state.failure, facts) && !isBusy;
  // A key that was pulled and is back goes on by main's doing; here begins only what nobody has begun.
  const isNew = isPresent && state === undefined && failure === null && !isBusy;
  useEffect(() => {
    if (isNew || isCured) begin();
  }, [isNew, isCured, begin]);

  return { state, failure, begin, answer, isBusy };
}

/** Whether the key no longer is what the enrollment stopped at. */
function isOver({ kind }: Failure, { pin, managementKey }: SecurityKeyFacts): boolean {
  if (kind === 'pin-blocked') return pin.attemptsLeft !== 0;
  return kind === 'management-key-unknown' && managementKey.isPinProtected;
}
