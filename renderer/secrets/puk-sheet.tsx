/** A sheet of paper with the PUK: on the page only while it is printed, and drawn only on paper. */
import { useEffect } from 'react';
import { createPortal } from 'react-dom';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import styles from './puk-sheet.module.css';

interface PukSheetProps {
  readonly puk: string;
  readonly model: string;
  readonly serial: number | null;
  readonly onPrinted: () => void;
}

export function PukSheet({ puk, model, serial, onPrinted }: PukSheetProps) {
  const { pukSheet, app } = useMessages();
  const formats = useFormats();
  useEffect(() => {
    window.addEventListener('afterprint', onPrinted, { once: true });
    window.print();
    return () => window.removeEventListener('afterprint', onPrinted);
  }, [onPrinted]);
  return createPortal(
    <div className={styles.sheet} aria-hidden="true">
      <p className={styles.title}>{pukSheet.title}</p>
      <p className={styles.puk}>{puk}</p>
      <Facts
        facts={[
          { name: pukSheet.key, value: model },
          { name: pukSheet.serial, value: serial ?? app.unknown },
          { name: pukSheet.made, value: formats.date(new Date()) },
        ]}
      />
      <p>{pukSheet.use}</p>
      <p>{pukSheet.keep}</p>
    </div>,
    document.body,
  );
}
