import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import { useMessages } from '../messages/language.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { isPukDraftComplete } from '../secrets/puk-draft.ts';
import { NewPuk, PukChoices } from '../secrets/puk-fields.tsx';
import { chosenPukChoice, pukChoices, type EnrollmentDraft } from './draft.ts';
import type { PageProps } from './questions.tsx';

export function isPukComplete(questions: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  return isPukDraftComplete(chosenPukChoice(questions, draft), draft, questions.rules);
}

export function PukPage({ questions, securityKey, draft, change, isTried }: PageProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.puk;
  const choice = chosenPukChoice(questions, draft);
  const { facts } = securityKey;
  return (
    <>
      <PukChoices offered={pukChoices(questions)} draft={draft} change={change} />
      {choice === 'change' && (
        <PresentSecret
          which="PUK"
          label={texts.current}
          value={draft.currentPuk}
          onChange={(currentPuk) => change({ currentPuk })}
          description={texts.currentHint}
          attempts={facts?.puk ?? { attemptsLeft: null, attemptsTotal: null }}
          isTried={isTried}
        />
      )}
      <NewPuk choice={choice} draft={draft} change={change} rules={questions.rules} model={facts?.model ?? ''} serial={facts?.serial ?? null} isTried={isTried} />
    </>
  );
}
