import { Checkbox } from '@mantine/core';
import { brokenLengthRule, brokenRule, FACTORY_PIN } from '../../core/key-care/pin-rules.ts';
import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import { Attempts } from '../key/key-tiles.tsx';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretInput } from '../ui/secret-input.tsx';
import { isChoosingPin, type EnrollmentDraft } from './draft.ts';
import { NewSecret } from './new-secret.tsx';
import type { PageProps } from './questions.tsx';
import styles from './enrollment.module.css';

export function isPinComplete(questions: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  const isCurrentFine = questions.pin === 'choose' || brokenLengthRule(draft.currentPin) === null;
  const isNewFine = !isChoosingPin(questions, draft) || (brokenRule('PIN', draft.newPin) === null && draft.newPin === draft.newPinAgain);
  return isCurrentFine && isNewFine;
}

export function PinPage({ questions, securityKey, draft, change, isTried }: PageProps) {
  const { enrollment, pinRules } = useMessages();
  const texts = enrollment.pin;
  const currentRule = brokenLengthRule(draft.currentPin);
  const isFactory = questions.pin === 'enter-or-change' && draft.currentPin === FACTORY_PIN;
  return (
    <>
      {questions.pin !== 'choose' && (
        <div className={styles.entry}>
          <div className={styles.entryField}>
            <SecretInput
              label={texts.current}
              value={draft.currentPin}
              onChange={(currentPin) => change({ currentPin })}
              description={questions.pin === 'enter-or-change' ? texts.factoryHint : undefined}
              error={isTried && currentRule !== null ? pinRules[currentRule] : undefined}
            />
          </div>
          {questions.pinAttemptsLeft !== null && <Attempts left={questions.pinAttemptsLeft} total={securityKey.facts?.pin.attemptsTotal ?? null} />}
        </div>
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
          onChange={(newPin) => change({ newPin })}
          onRepeat={(newPinAgain) => change({ newPinAgain })}
          isTried={isTried}
        />
      )}
    </>
  );
}
