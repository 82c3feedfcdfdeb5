/**
 * A field for a PIN, a PUK or a code: shown only while its button is held, paste allowed, Caps Lock and odd characters noted.
 * The value lives in the form's state and goes with it.
 */
import { TextInput, UnstyledButton } from '@mantine/core';
import { useState, type KeyboardEvent, type Ref } from 'react';
import { useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import styles from './secret-input.module.css';

interface SecretInputProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly isDisabled?: boolean;
  readonly maxLength?: number;
  readonly inputRef?: Ref<HTMLInputElement> | undefined;
}

export function SecretInput({ label, value, onChange, description, error, describedBy, isDisabled = false, maxLength = 64, inputRef }: SecretInputProps) {
  const { secrets } = useMessages();
  const [isShown, setShown] = useState(false);
  const [isCapsLock, setCapsLock] = useState(false);
  const notice = (event: KeyboardEvent): void => setCapsLock(event.getModifierState('CapsLock'));
  const hint = isCapsLock ? secrets.capsLock : /[^ -~]/.test(value) ? secrets.layout : undefined;
  const hold = (event: KeyboardEvent): void => {
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      setShown(true);
    }
  };

  return (
    <div>
      <TextInput
        ref={inputRef ?? null}
        type={isShown ? 'text' : 'password'}
        label={label}
        description={description}
        error={error}
        value={value}
        disabled={isDisabled}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={notice}
        onKeyUp={notice}
        onBlur={() => setCapsLock(false)}
        autoComplete="off"
        spellCheck={false}
        maxLength={maxLength}
        size="md"
        classNames={{ input: styles.input ?? '' }}
        {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
        rightSectionWidth={44}
        rightSection={
          <UnstyledButton
            className={styles.reveal}
            aria-label={`${secrets.reveal}: ${label}`}
            title={secrets.reveal}
            aria-pressed={isShown}
            onPointerDown={() => setShown(true)}
            onPointerUp={() => setShown(false)}
            onPointerLeave={() => setShown(false)}
            onKeyDown={hold}
            onKeyUp={() => setShown(false)}
            onBlur={() => setShown(false)}
          >
            <Icon name="eye" />
          </UnstyledButton>
        }
      />
      <p className={styles.hint} role="status">
        {hint}
      </p>
    </div>
  );
}
