import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMessages } from '../messages/language.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Screen } from '../ui/screen.tsx';
import styles from './key.module.css';

const STORAGE_KEY = 'latchkey-welcomed';

export function isWelcomed(): boolean {
  return localStorage.getItem(STORAGE_KEY) !== null;
}

export function rememberWelcome(): void {
  localStorage.setItem(STORAGE_KEY, 'yes');
}

interface WelcomeProps {
  readonly onInvitation: () => void;
  readonly onAddress: () => void;
  readonly onLook: () => void;
}

/** The first start: three ways in. */
export function Welcome({ onInvitation, onAddress, onLook }: WelcomeProps) {
  const { welcome } = useMessages();
  return (
    <Screen title={welcome.title} lead={welcome.lead} isCentered>
      <ul className={styles.choices}>
        <Way icon="mail" label={welcome.invitation} hint={welcome.invitationHint} onChoose={onInvitation} isMain />
        <Way icon="globe" label={welcome.address} hint={welcome.addressHint} onChoose={onAddress} />
        <Way icon="key" label={welcome.look} hint={welcome.lookHint} onChoose={onLook} />
      </ul>
    </Screen>
  );
}

interface WayProps {
  readonly icon: IconName;
  readonly label: string;
  readonly hint: ReactNode;
  readonly onChoose: () => void;
  readonly isMain?: boolean;
}

function Way({ icon, label, hint, onChoose, isMain = false }: WayProps) {
  return (
    <li>
      <UnstyledButton className={styles.choice} data-main={isMain || undefined} onClick={onChoose} aria-label={label}>
        <span className={styles.wayIcon}>
          <Icon name={icon} size={24} />
        </span>
        <span className={styles.choiceText}>
          <strong>{label}</strong>
          <span className={styles.soft}>{hint}</span>
        </span>
        <Icon name="forward" />
      </UnstyledButton>
    </li>
  );
}
