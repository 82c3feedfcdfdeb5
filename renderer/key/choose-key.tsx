import { UnstyledButton } from '@mantine/core';
import { formatFirmware, type PresentSecurityKey } from '../../core/security-key.ts';
import { wordFailure } from '../messages/failures.ts';
import { useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Screen } from '../ui/screen.tsx';
import { keyIdentity } from './key-identity.ts';
import styles from './key.module.css';

interface ChooseKeyProps {
  readonly keys: readonly PresentSecurityKey[];
  readonly onChoose: (identity: string) => void;
}

/** More than one key: which? */
export function ChooseKey({ keys, onChoose }: ChooseKeyProps) {
  const { key } = useMessages();
  return (
    <Screen title={key.choose.title} lead={key.choose.lead} isCentered>
      <KeyChoices keys={keys} onChoose={onChoose} />
    </Screen>
  );
}

export function KeyChoices({ keys, onChoose }: ChooseKeyProps) {
  return (
    <ul className={styles.choices}>
      {keys.map((present) => (
        <li key={present.readerName}>
          <UnstyledButton className={styles.choice} onClick={() => onChoose(keyIdentity(present))}>
            <KeyChoice present={present} />
            <Icon name="forward" />
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

function KeyChoice({ present }: { readonly present: PresentSecurityKey }) {
  const { key, failures } = useMessages();
  switch (present.kind) {
    case 'ready':
      return (
        <>
          <KeyDrawing form={present.facts.formFactor} size="small" />
          <span className={styles.choiceText}>
            <strong>{present.facts.model}</strong>
            <span className={styles.soft}>
              {present.facts.serial !== null && `${key.serial} ${present.facts.serial} · `}
              {key.firmware} {formatFirmware(present.facts.firmware)}
            </span>
          </span>
        </>
      );
    case 'reading':
      return (
        <>
          <KeyDrawing form={null} light="on" size="small" />
          <span className={styles.choiceText}>
            <strong>{key.reading}</strong>
          </span>
        </>
      );
    case 'problem':
      return (
        <>
          <KeyDrawing form={null} size="small" />
          <span className={styles.choiceText}>
            <strong>{key.choose.trouble}</strong>
            <span className={styles.soft}>{wordFailure(present.failure, failures).what}</span>
          </span>
        </>
      );
  }
}
