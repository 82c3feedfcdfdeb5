import { useCallback, useEffect, useState } from 'react';
import type { EnrollmentAnswers, EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';
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
export function useEnrollment({ readerName, isPresent }: FollowedKey): EnrollmentWork {
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

  // A key that was pulled and is back goes on by main's doing; here begins only what nobody has begun.
  const isNew = isPresent && state === undefined && failure === null && !isBusy;
  useEffect(() => {
    if (isNew) begin();
  }, [isNew, begin]);

  return { state, failure, begin, answer, isBusy };
}
