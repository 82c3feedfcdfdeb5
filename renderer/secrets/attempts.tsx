import { useMessages } from '../messages/language.tsx';
import styles from './secrets.module.css';

/** How often one may still be wrong: a big number, and how many there were. */
export function Attempts({ left, total }: { readonly left: number; readonly total: number | null }) {
  const { key } = useMessages();
  return (
    <p className={styles.attempts} data-few={left === 1 || undefined}>
      <span className={styles.big}>{left}</span>
      <span aria-hidden="true">{total !== null ? ` / ${total}` : ''}</span> <span className={styles.attemptsWord}>{key.attemptWord(left)}</span>
    </p>
  );
}
