import { Button } from '@mantine/core';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { FourWords } from '../ui/four-words.tsx';
import { Notice } from '../ui/notice.tsx';
import { FailureDetails } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { StepList } from '../ui/step-list.tsx';
import forms from '../ui/form.module.css';
import styles from './enrollment.module.css';

interface WaitingProps {
  readonly state: Extract<EnrollmentState, { readonly kind: 'waiting-for-approval' }>;
  readonly onLeave: () => void;
}

/** The person may leave; four big words say which request it is. */
export function WaitingForApproval({ state, onLeave }: WaitingProps) {
  const { enrollment } = useMessages();
  const formats = useFormats();
  const texts = enrollment.waiting;
  const { request, offline } = state;
  return (
    <Screen
      title={texts.title}
      lead={texts.lead(request.authorityName)}
      onBack={onLeave}
      aside={<StepList steps={state.steps} label={enrollment.stepsLabel} />}
      actions={
        <Button size="md" variant="light" onClick={onLeave}>
          {texts.back}
        </Button>
      }
    >
      <section className={styles.words}>
        <h2 className={forms.section}>{texts.words}</h2>
        <FourWords words={request.words} label={texts.words} />
        <p className={forms.soft}>{texts.wordsHint}</p>
      </section>
      {offline !== null && (
        <Notice tone="brass" title={texts.offlineTitle} isAlert>
          <p>{texts.offline}</p>
          <FailureDetails failure={offline} />
        </Notice>
      )}
      <p className={forms.soft}>
        {texts.since(formats.relative(request.submittedAt))}. {texts.leave}
      </p>
    </Screen>
  );
}
