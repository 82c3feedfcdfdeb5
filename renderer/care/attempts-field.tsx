import { TextInput, UnstyledButton } from '@mantine/core';
import { useMessages } from '../messages/language.tsx';
import { parseAttempts } from './parse-attempts.ts';
import styles from './care.module.css';

/** Three is the shop's; more forgives clumsy fingers, and eight is still far from guessing. */
const SENSIBLE = [3, 5, 8] as const;

interface AttemptsFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isTried: boolean;
}

/** A number of attempts: one of the sensible ones, or any that the key takes. */
export function AttemptsField({ label, value, onChange, isTried }: AttemptsFieldProps) {
  const { care } = useMessages();
  const count = parseAttempts(value);
  return (
    <div className={styles.number}>
      <TextInput
        label={label}
        value={value}
        inputMode="numeric"
        autoComplete="off"
        maxLength={3}
        size="md"
        className={styles.numberField ?? ''}
        error={count === null && (isTried || value !== '') ? care.retries.range : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className={styles.presets} role="group" aria-label={label}>
        {SENSIBLE.map((preset) => (
          <UnstyledButton key={preset} className={styles.preset} aria-pressed={count === preset} aria-label={care.retries.preset(preset)} onClick={() => onChange(String(preset))}>
            {preset}
          </UnstyledButton>
        ))}
      </div>
    </div>
  );
}
