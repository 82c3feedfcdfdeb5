/** The words that user and approver compare by voice. */
import styles from './four-words.module.css';

export function FourWords({ words, label }: { readonly words: readonly string[]; readonly label: string }) {
  return (
    <ol className={styles.words} aria-label={label}>
      {words.map((word, index) => (
        <li key={index}>{word}</li>
      ))}
    </ol>
  );
}
