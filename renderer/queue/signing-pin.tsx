import { useRef, useState, type RefObject } from 'react';
import { brokenLengthRule } from '../../core/key-care/pin-rules.ts';
import type { Failure } from '../../core/failures.ts';
import type { ApproverView } from '../../core/ipc.ts';
import type { Decision, DecisionOutcome } from '../../core/requests/decision.ts';
import { call, keysSituation, useLive } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import styles from './queue.module.css';

/** What a form needs to have decisions signed. */
export interface Signing {
  readonly pin: string;
  readonly setPin: (pin: string) => void;
  readonly isTried: boolean;
  readonly isBusy: boolean;
  readonly failure: Failure | null;
  readonly input: RefObject<HTMLInputElement | null>;
  /** Signs and hands in; null: it did not come to that, and the form says why. */
  readonly sign: (decisions: readonly Decision[]) => Promise<readonly DecisionOutcome[] | null>;
}

/** Decisions are signed with the key that signed in. Its PIN is asked for each time, for all of them together, and forgotten. */
export function useSigning(): Signing {
  const [pin, setPin] = useState('');
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const sign = async (decisions: readonly Decision[]): Promise<readonly DecisionOutcome[] | null> => {
    if (brokenLengthRule(pin) !== null) {
      setTried(true);
      // The button may be in sight where the field is not.
      input.current?.focus();
      return null;
    }
    setBusy(true);
    setFailure(null);
    const answer = await call('queue.decide', { pin, decisions });
    setPin('');
    setTried(false);
    setBusy(false);
    if (answer.ok) return answer.value;
    setFailure(answer.failure);
    return null;
  };
  return { pin, setPin, isTried, isBusy, failure, input, sign };
}

/** The field for the PIN, with the attempts that are left, and what went wrong. */
export function SigningPin({ signing, approver }: { readonly signing: Signing; readonly approver: ApproverView }) {
  const { queue } = useMessages();
  const situation = useLive(keysSituation);
  const present = situation?.kind === 'present' ? situation.keys : [];
  const facts = present.map((key) => (key.kind === 'ready' ? key.facts : undefined)).find((found) => found !== undefined && found.serial === approver.keySerial);
  const { failure } = signing;
  const attemptsLeft = failure?.kind === 'pin-wrong' ? failure.attemptsLeft : (facts?.pin.attemptsLeft ?? null);
  return (
    <>
      <div className={styles.form}>
        <PresentSecret
          which="PIN"
          label={queue.signing.pin}
          description={facts === undefined ? queue.signing.plugIn : queue.signing.hint}
          value={signing.pin}
          onChange={signing.setPin}
          attempts={{ attemptsLeft, attemptsTotal: facts?.pin.attemptsTotal ?? null, isWarned: failure?.kind === 'pin-wrong' }}
          isTried={signing.isTried}
          isDisabled={signing.isBusy}
          inputRef={signing.input}
        />
      </div>
      {signing.isBusy && <p className={styles.soft}>{queue.signIn.touch}</p>}
      {failure !== null && <ProblemPanel failure={failure} />}
    </>
  );
}
