import type { ReactNode } from 'react';
import styles from './stage.module.css';

interface StageProps {
  readonly isSmall?: boolean;
  /** The key waits for a finger. */
  readonly isTouch?: boolean;
  readonly children: ReactNode;
}

/** Where the key is drawn. */
export function Stage({ isSmall = false, isTouch = false, children }: StageProps) {
  return (
    <figure className={styles.stage} data-small={isSmall || undefined} data-touch={isTouch || undefined}>
      {children}
    </figure>
  );
}
