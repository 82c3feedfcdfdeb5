import { Checkbox } from '@mantine/core';
import { brokenLengthRule, brokenRule, FACTORY_PIN } from '../../core/key-care/pin-rules.ts';
import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import { useMessages } from '../messages/language.tsx';
import { NewSecret } from '../secrets/new-secret.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { Notice } from '../ui/notice.tsx';
import { isChoosingPin, type EnrollmentDraft } from './draft.ts';
import type { PageProps } from './questions.tsx';

export function isPinComplete(questions: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  const isCurrentFine = questions.pin === 'choose' || brokenLengthRule(draft.currentPin) === null;
  const isNewFine = !isChoosingPin(questions, draft) || (brokenRule('PIN', draft.newPin, questions.rules) === null && draft.newPin === draft.newPinAgain);
  return isCurrentFine && isNewFine;
}

export function PinPage({ questions, securityKey, draft, change, isTried, problem }: PageProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.pin;
  const isFactory = questions.pin === 'enter-or-change' && draft.currentPin === FACTORY_PIN;
  return (
    <>
      {questions.pin !== 'choose' && (
        <PresentSecret
          which="PIN"
          label={texts.current}
          value={draft.currentPin}
          onChange={(currentPin) => change({ currentPin })}
          description={questions.pin === 'enter-or-change' ? texts.factoryHint : undefined}
          attempts={{ attemptsLeft: questions.pinAttemptsLeft, attemptsTotal: securityKey.facts?.pin.attemptsTotal ?? null, isWarned: problem?.kind === 'pin-wrong' }}
          isTried={isTried}
        />
      )}
      {questions.pin === 'enter-or-change' && !isFactory && (
        <Checkbox label={texts.change} checked={draft.wantsNewPin} onChange={(event) => change({ wantsNewPin: event.currentTarget.checked })} />
      )}
      {isFactory && <Notice tone="brass">{texts.mustChange}</Notice>}
      {isChoosingPin(questions, draft) && (
        <NewSecret
          which="PIN"
          label={texts.new}
          repeatLabel={texts.repeat}
          value={draft.newPin}
          repeated={draft.newPinAgain}
          rules={questions.rules}
          onChange={(newPin) => change({ newPin })}
          onRepeat={(newPinAgain) => change({ newPinAgain })}
          isTried={isTried}
        />
      )}
    </>
  );
}
