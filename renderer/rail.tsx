/** The places that work today, each with what waits in it. */
import { UnstyledButton } from '@mantine/core';
import { queueView, useLive } from './bridge.ts';
import { useMessages } from './messages/language.tsx';
import { Icon } from './ui/icons.tsx';
import styles from './rail.module.css';

export type Place = 'key' | 'requests' | 'settings';
const PLACES: readonly Place[] = ['key', 'requests', 'settings'];

interface RailProps {
  readonly place: Place;
  readonly onChoose: (place: Place) => void;
}

export function Rail({ place, onChoose }: RailProps) {
  const { rail } = useMessages();
  const queue = useLive(queueView);
  const pending = queue?.kind === 'signed-in' ? queue.counts.pending : 0;
  return (
    <nav className={styles.rail} aria-label={rail.label}>
      <Mark />
      <ul className={styles.places}>
        {PLACES.map((each) => (
          <li key={each}>
            <UnstyledButton className={styles.entry} aria-current={each === place ? 'page' : undefined} onClick={() => onChoose(each)}>
              <span className={styles.icon}>
                <Icon name={each} size={22} />
                {each === 'requests' && pending > 0 && (
                  <span className={styles.badge} aria-hidden="true">
                    {pending > 99 ? '99+' : pending}
                  </span>
                )}
              </span>
              {rail[each]}
              {each === 'requests' && pending > 0 && <span className="visually-hidden">, {rail.pending(pending)}</span>}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The sign of the app: a keyhole. */
function Mark() {
  return (
    <svg className={styles.mark} viewBox="0 0 36 36" aria-hidden="true">
      <rect width="36" height="36" rx="11" className={styles.markPlate} />
      <path d="M18 8.5a5.6 5.6 0 0 1 3 10.3l1.7 7.2a1.2 1.2 0 0 1-1.2 1.5h-7a1.2 1.2 0 0 1-1.2-1.5L15 18.8a5.6 5.6 0 0 1 3-10.3z" className={styles.markHole} />
    </svg>
  );
}
