import { useId } from 'react';
import { brokenLengthRule, brokenRule } from '../../core/key-care/pin-rules.ts';
import { useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { SecretInput } from '../ui/secret-input.tsx';
import styles from './enrollment.module.css';

interface NewSecretProps {
  readonly which: 'PIN' | 'PUK';
  readonly label: string;
  readonly repeatLabel: string;
  readonly value: string;
  readonly repeated: string;
  readonly onChange: (value: string) => void;
  readonly onRepeat: (value: string) => void;
  readonly isTried: boolean;
}

/** A new PIN or PUK, twice, with its rules ticked off while it is typed. */
export function NewSecret({ which, label, repeatLabel, value, repeated, onChange, onRepeat, isTried }: NewSecretProps) {
  const { enrollment, pinRules, notTheSame } = useMessages();
  const { rules } = enrollment.pin;
  const rulesId = useId();
  const broken = brokenRule(which, value);
  const isSame = value !== '' && value === repeated;
  return (
    <>
      <SecretInput label={label} value={value} onChange={onChange} describedBy={rulesId} error={isTried && broken !== null ? pinRules[broken] : undefined} />
      <SecretInput
        label={repeatLabel}
        value={repeated}
        onChange={onRepeat}
        error={broken === null && !isSame && (isTried || repeated.length >= value.length) ? notTheSame : undefined}
      />
      <ul id={rulesId} className={styles.rules}>
        <Rule text={rules.length} isMet={brokenLengthRule(value) === null} />
        <Rule text={rules.factory} isMet={value !== '' && broken !== 'factory-value'} />
        <Rule text={rules.same} isMet={isSame} />
      </ul>
    </>
  );
}

function Rule({ text, isMet }: { readonly text: string; readonly isMet: boolean }) {
  const { enrollment } = useMessages();
  return (
    <li className={styles.rule} data-met={isMet || undefined}>
      <span className={styles.ruleMark}>{isMet && <Icon name="check" size={13} />}</span>
      {text}
      <span className="visually-hidden">, {isMet ? enrollment.pin.ruleMet : enrollment.pin.ruleOpen}</span>
    </li>
  );
}
