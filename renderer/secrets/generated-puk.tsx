import { Button } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import { call } from '../bridge.ts';
import { wordFailure } from '../messages/failures.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { pukSheetText } from './puk-sheet-text.ts';
import { PukSheet } from './puk-sheet.tsx';
import styles from './secrets.module.css';

interface GeneratedPukProps {
  readonly puk: string;
  readonly model: string;
  readonly serial: number | null;
  readonly onAnother: () => void;
}

type Saved = { readonly kind: 'none' } | { readonly kind: 'saving' } | { readonly kind: 'saved'; readonly path: string; readonly puk: string } | { readonly kind: 'failed'; readonly failure: Failure };

/** A PUK made by the app, shown this once: to be written down, printed, or saved where the person says. */
export function GeneratedPuk({ puk, model, serial, onAnother }: GeneratedPukProps) {
  const { enrollment, secrets, pukSheet, app, failures } = useMessages();
  const formats = useFormats();
  const texts = enrollment.puk;
  const [isPrinting, setPrinting] = useState(false);
  const [saved, setSaved] = useState<Saved>({ kind: 'none' });
  const printed = useCallback(() => setPrinting(false), []);

  const save = async (): Promise<void> => {
    setSaved({ kind: 'saving' });
    const facts = { puk, model, serial: serial === null ? app.unknown : String(serial), date: formats.date(new Date()) };
    const answer = await call('care.savePuk', { serial, sheet: pukSheetText(facts, pukSheet) });
    if (!answer.ok) setSaved({ kind: 'failed', failure: answer.failure });
    else if (answer.value === null) setSaved({ kind: 'none' });
    else {
      setSaved({ kind: 'saved', path: answer.value, puk });
      announce(secrets.savedTo(answer.value));
    }
  };

  return (
    <figure className={styles.puk}>
      <figcaption>{texts.generated}</figcaption>
      <output className={styles.pukDigits} aria-label={texts.generated}>
        {puk}
      </output>
      <p>{texts.once}</p>
      <div className={styles.pukActions}>
        <Button variant="light" onClick={() => setPrinting(true)}>
          {texts.print}
        </Button>
        <Button variant="light" onClick={() => void save()} loading={saved.kind === 'saving'}>
          {secrets.save}
        </Button>
        <Button variant="subtle" onClick={onAnother}>
          {texts.another}
        </Button>
      </div>
      {/* A file that holds another PUK than the one above would mislead. */}
      {saved.kind === 'saved' && <p className={styles.saved}>{saved.puk === puk ? secrets.savedTo(saved.path) : secrets.savedOther(saved.path)}</p>}
      {saved.kind === 'failed' && (
        <p className={styles.saved} role="alert">
          {secrets.notSaved} {wordFailure(saved.failure, failures).what}
        </p>
      )}
      {isPrinting && <PukSheet puk={puk} model={model} serial={serial} onPrinted={printed} />}
    </figure>
  );
}
