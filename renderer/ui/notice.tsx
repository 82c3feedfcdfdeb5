/** A short remark that belongs to what is beside it: calm, brass for what waits for a person, red for loss. */
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';
import styles from './notice.module.css';

export type Tone = 'calm' | 'good' | 'brass' | 'red';

interface NoticeProps {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  /** Read out at once; for what just went wrong. */
  readonly isAlert?: boolean;
}

const ICONS: Record<Tone, IconName> = { calm: 'info', good: 'check', brass: 'warning', red: 'stop' };

export function Notice({ tone, icon, title, children, isAlert = false }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={isAlert ? 'alert' : undefined}>
      <span className={styles.icon}>
        <Icon name={icon ?? ICONS[tone]} />
      </span>
      <div className={styles.text}>
        {title !== undefined && <p className={styles.title}>{title}</p>}
        {children}
      </div>
    </div>
  );
}
