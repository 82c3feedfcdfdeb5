import { Checkbox, Radio } from '@mantine/core';
import { useEffect } from 'react';
import { generatePuk } from '../../core/key-care/generate-puk.ts';
import type { PinRules } from '../../core/key-care/pin-rules.ts';
import { useMessages } from '../messages/language.tsx';
import { RadioChoices } from '../ui/radio-choices.tsx';
import { GeneratedPuk } from './generated-puk.tsx';
import { NewSecret } from './new-secret.tsx';
import { chosenOf, type PukChoice, type PukDraft } from './puk-draft.ts';
import styles from './secrets.module.css';

interface PukChoicesProps {
  readonly offered: readonly PukChoice[];
  readonly draft: PukDraft;
  readonly change: (change: Partial<PukDraft>) => void;
}

/** How the new PUK comes about. */
export function PukChoices({ offered, draft, change }: PukChoicesProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.puk;
  const hints = { generate: texts.generateHint, own: texts.ownHint, keep: texts.keepHint, change: texts.changeHint };
  return (
    <RadioChoices
      name={texts.title}
      value={chosenOf(offered, draft)}
      onChange={(value) => {
        const pukChoice = offered.find((choice) => choice === value);
        if (pukChoice !== undefined) change({ pukChoice });
      }}
    >
      <div className={styles.radios}>
        {offered.map((choice) => (
          <Radio key={choice} value={choice} label={texts[choice]} description={hints[choice]} />
        ))}
      </div>
    </RadioChoices>
  );
}

interface NewPukProps {
  readonly choice: PukChoice;
  readonly draft: PukDraft;
  readonly change: (change: Partial<PukDraft>) => void;
  readonly rules: PinRules;
  /** The key that the sheet of paper is about. */
  readonly model: string;
  readonly serial: number | null;
  readonly isTried: boolean;
}

/** The new PUK itself: made here and shown this once, or typed twice. */
export function NewPuk({ choice, draft, change, rules, model, serial, isTried }: NewPukProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.puk;
  const isMissing = choice === 'generate' && draft.generatedPuk === '';
  useEffect(() => {
    if (isMissing) change({ generatedPuk: generatePuk(), isPukWritten: false });
  }, [isMissing, change]);
  switch (choice) {
    case 'keep':
      return null;
    case 'generate':
      return (
        <>
          <GeneratedPuk puk={draft.generatedPuk} model={model} serial={serial} onAnother={() => change({ generatedPuk: generatePuk(), isPukWritten: false })} />
          <Checkbox
            label={texts.written}
            checked={draft.isPukWritten}
            error={isTried && !draft.isPukWritten ? texts.writtenMissing : undefined}
            aria-invalid={isTried && !draft.isPukWritten}
            onChange={(event) => change({ isPukWritten: event.currentTarget.checked })}
          />
        </>
      );
    case 'own':
    case 'change':
      return (
        <NewSecret
          which="PUK"
          label={texts.new}
          repeatLabel={texts.repeat}
          value={draft.newPuk}
          repeated={draft.newPukAgain}
          rules={rules}
          onChange={(newPuk) => change({ newPuk })}
          onRepeat={(newPukAgain) => change({ newPukAgain })}
          isTried={isTried}
        />
      );
  }
}
