import type { Ref } from 'react';
import { brokenLengthRule } from '../../core/key-care/pin-rules.ts';
import type { ReferenceDataFacts } from '../../core/security-key.ts';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { Attempts } from './attempts.tsx';
import { SecretInput } from './secret-input.tsx';
import styles from './secrets.module.css';

export interface AttemptsLeft extends Pick<ReferenceDataFacts, 'attemptsLeft' | 'attemptsTotal'> {
  /** What went wrong with the last entry is told beside, and warns of the last attempt. */
  readonly isWarned?: boolean;
}

interface PresentSecretProps {
  readonly which: 'PIN' | 'PUK';
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly attempts: AttemptsLeft;
  /** The person tried to go on: what is missing may be said. */
  readonly isTried: boolean;
  readonly description?: string | undefined;
  readonly isDisabled?: boolean;
  readonly inputRef?: Ref<HTMLInputElement> | undefined;
}

/** The PIN or PUK that the key has now. A wrong one costs an attempt, so how many are left stands beside it. */
export function PresentSecret({ which, label, value, onChange, attempts, isTried, description, isDisabled = false, inputRef }: PresentSecretProps) {
  const { pinRules, secrets } = useMessages();
  const broken = brokenLengthRule(value);
  const left = attempts.attemptsLeft;
  return (
    <div className={styles.present}>
      {left === 1 && attempts.isWarned !== true && <Notice tone="brass">{secrets.lastAttempt[which]}</Notice>}
      <div className={styles.entry}>
        <div className={styles.entryField}>
          <SecretInput
            label={label}
            value={value}
            onChange={onChange}
            description={description}
            error={isTried && broken !== null ? pinRules[broken] : undefined}
            isDisabled={isDisabled}
            inputRef={inputRef}
          />
        </div>
        {left === null ? <p className={styles.notTold}>{secrets.attemptsNotTold}</p> : <Attempts left={left} total={attempts.attemptsTotal} />}
      </div>
    </div>
  );
}
