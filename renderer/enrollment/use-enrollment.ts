import { useCallback, useEffect, useState } from 'react';
import type { EnrollmentAnswers, EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import type { Result } from '../../core/result.ts';
import type { PresentSecurityKey, SecurityKeyFacts } from '../../core/security-key.ts';
import { call, keysSituation, rememberEnrollment, useEnrollmentState, useLive } from '../bridge.ts';
import { keyIdentity } from '../key/key-identity.ts';

export interface EnrolledKey {
  /** Where the key is now, or was last. */
  readonly readerName: string | null;
  /** As last read; kept while the key is unplugged, so that its picture stays. */
  readonly facts: SecurityKeyFacts | null;
  readonly isPresent: boolean;
}

/** Follows one key through the readers it is plugged into. */
export function useEnrolledKey(identity: string): EnrolledKey {
  const situation = useLive(keysSituation);
  const [last, setLast] = useState<Extract<PresentSecurityKey, { readonly kind: 'ready' }> | null>(null);
  const found = situation?.kind === 'present' ? situation.keys.find((key) => keyIdentity(key) === identity) : undefined;
  const key = found?.kind === 'ready' ? found : last;
  if (key !== last) setLast(key);
  // While it is being read again its serial is not known; it is the same reader.
  const isReading = situation?.kind === 'present' && situation.keys.some(({ kind, readerName }) => kind === 'reading' && readerName === key?.readerName);
  return { readerName: key?.readerName ?? null, facts: key?.facts ?? null, isPresent: found !== undefined || isReading };
}

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
export function useEnrollment({ readerName, isPresent }: EnrolledKey): EnrollmentWork {
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
