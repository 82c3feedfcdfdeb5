import { Button, Checkbox, Radio } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { generatePuk } from '../../core/key-care/generate-puk.ts';
import { brokenLengthRule, brokenRule } from '../../core/key-care/pin-rules.ts';
import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import { useMessages } from '../messages/language.tsx';
import { PukSheet } from '../ui/puk-sheet.tsx';
import { SecretInput } from '../ui/secret-input.tsx';
import { chosenPukChoice, pukChoices, type EnrollmentDraft } from './draft.ts';
import { NewSecret } from './new-secret.tsx';
import type { PageProps } from './questions.tsx';
import styles from './enrollment.module.css';

export function isPukComplete(questions: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  const isNewFine = brokenRule('PUK', draft.newPuk) === null && draft.newPuk === draft.newPukAgain;
  switch (chosenPukChoice(questions, draft)) {
    case 'generate':
      return draft.generatedPuk !== '' && draft.isPukWritten;
    case 'own':
      return isNewFine;
    case 'keep':
      return true;
    case 'change':
      return isNewFine && brokenLengthRule(draft.currentPuk) === null;
  }
}

export function PukPage({ questions, securityKey, draft, change, isTried }: PageProps) {
  const { enrollment, pinRules } = useMessages();
  const texts = enrollment.puk;
  const choice = chosenPukChoice(questions, draft);
  const currentRule = brokenLengthRule(draft.currentPuk);
  const hints = { generate: texts.generateHint, own: texts.ownHint, keep: texts.keepHint, change: texts.changeHint };
  return (
    <>
      <Radio.Group
        aria-label={texts.title}
        value={choice}
        onChange={(value) => {
          const pukChoice = pukChoices(questions).find((offered) => offered === value);
          if (pukChoice !== undefined) change({ pukChoice });
        }}
      >
        <div className={styles.radios}>
          {pukChoices(questions).map((offered) => (
            <Radio key={offered} value={offered} label={texts[offered]} description={hints[offered]} />
          ))}
        </div>
      </Radio.Group>
      {choice === 'generate' && <GeneratedPuk securityKey={securityKey} draft={draft} change={change} isTried={isTried} />}
      {choice === 'change' && (
        <SecretInput
          label={texts.current}
          value={draft.currentPuk}
          onChange={(currentPuk) => change({ currentPuk })}
          description={texts.currentHint}
          error={isTried && currentRule !== null ? pinRules[currentRule] : undefined}
        />
      )}
      {(choice === 'own' || choice === 'change') && (
        <NewSecret
          which="PUK"
          label={texts.new}
          repeatLabel={texts.repeat}
          value={draft.newPuk}
          repeated={draft.newPukAgain}
          onChange={(newPuk) => change({ newPuk })}
          onRepeat={(newPukAgain) => change({ newPukAgain })}
          isTried={isTried}
        />
      )}
    </>
  );
}

/** Made when the page opens, shown this once. */
function GeneratedPuk({ securityKey, draft, change, isTried }: Omit<PageProps, 'questions'>) {
  const { enrollment } = useMessages();
  const texts = enrollment.puk;
  const [isPrinting, setPrinting] = useState(false);
  const printed = useCallback(() => setPrinting(false), []);
  const isMissing = draft.generatedPuk === '';
  useEffect(() => {
    if (isMissing) change({ generatedPuk: generatePuk(), isPukWritten: false });
  }, [isMissing, change]);
  return (
    <>
      <figure className={styles.puk}>
        <figcaption>{texts.generated}</figcaption>
        <output className={styles.pukDigits} aria-label={texts.generated}>
          {draft.generatedPuk}
        </output>
        <p>{texts.once}</p>
        <div className={styles.actions}>
          <Button variant="light" onClick={() => setPrinting(true)}>
            {texts.print}
          </Button>
          <Button variant="subtle" onClick={() => change({ generatedPuk: generatePuk(), isPukWritten: false })}>
            {texts.another}
          </Button>
        </div>
      </figure>
      <Checkbox
        label={texts.written}
        checked={draft.isPukWritten}
        error={isTried && !draft.isPukWritten ? texts.writtenMissing : undefined}
        aria-invalid={isTried && !draft.isPukWritten}
        onChange={(event) => change({ isPukWritten: event.currentTarget.checked })}
      />
      {isPrinting && <PukSheet puk={draft.generatedPuk} model={securityKey.facts?.model ?? ''} serial={securityKey.facts?.serial ?? null} onPrinted={printed} />}
    </>
  );
}
