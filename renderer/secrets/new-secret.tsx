import { useId } from 'react';
import { brokenLengthRule, brokenRule, type PinRules } from '../../core/key-care/pin-rules.ts';
import { useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { SecretInput } from './secret-input.tsx';
import styles from './secrets.module.css';

interface NewSecretProps {
  readonly which: 'PIN' | 'PUK';
  readonly label: string;
  readonly repeatLabel: string;
  readonly value: string;
  readonly repeated: string;
  readonly rules: PinRules;
  readonly onChange: (value: string) => void;
  readonly onRepeat: (value: string) => void;
  readonly isTried: boolean;
}

/** A new PIN or PUK, twice, with the rules of this key ticked off while it is typed. */
export function NewSecret({ which, label, repeatLabel, value, repeated, rules, onChange, onRepeat, isTried }: NewSecretProps) {
  const { secrets, pinRules, notTheSame } = useMessages();
  const rulesId = useId();
  const broken = brokenRule(which, value, rules);
  const isSame = value !== '' && value === repeated;
  const error = broken === 'too-short' ? secrets.tooShort(rules.minLength) : broken === null ? undefined : pinRules[broken];
  return (
    <>
      <SecretInput label={label} value={value} onChange={onChange} describedBy={rulesId} error={isTried ? error : undefined} />
      <SecretInput
        label={repeatLabel}
        value={repeated}
        onChange={onRepeat}
        error={broken === null && !isSame && (isTried || repeated.length >= value.length) ? notTheSame : undefined}
      />
      <ul id={rulesId} className={styles.rules}>
        <Rule text={secrets.rules.length(rules.minLength)} isMet={brokenLengthRule(value, rules.minLength) === null} />
        <Rule text={secrets.rules.factory} isMet={value !== '' && broken !== 'factory-value'} />
        {rules.refusesTrivial && <Rule text={secrets.rules.notTrivial} isMet={broken === null} />}
        <Rule text={secrets.rules.same} isMet={isSame} />
      </ul>
    </>
  );
}

function Rule({ text, isMet }: { readonly text: string; readonly isMet: boolean }) {
  const { secrets } = useMessages();
  return (
    <li className={styles.rule} data-met={isMet || undefined}>
      <span className={styles.ruleMark}>{isMet && <Icon name="check" size={13} />}</span>
      {text}
      <span className="visually-hidden">, {isMet ? secrets.ruleMet : secrets.ruleOpen}</span>
    </li>
  );
}
