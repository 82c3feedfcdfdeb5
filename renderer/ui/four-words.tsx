/** The words that user and approver compare by voice. */
import styles from './four-words.module.css';

interface FourWordsProps {
  readonly words: readonly string[];
  readonly label: string;
  /** Beside each other where the window is wide enough. */
  readonly isInRow?: boolean;
}

export function FourWords({ words, label, isInRow = false }: FourWordsProps) {
  return (
    <ol className={styles.words} data-row={isInRow || undefined} aria-label={label}>
      {words.map((word, index) => (
        <li key={index}>{word}</li>
      ))}
    </ol>
  );
}
