import { Button } from '@mantine/core';
import { useState } from 'react';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { FourWords } from '../ui/four-words.tsx';
import { Notice } from '../ui/notice.tsx';
import { FailureDetails, ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { StepList } from '../ui/step-list.tsx';
import forms from '../ui/form.module.css';
import styles from './enrollment.module.css';

interface WaitingProps {
  readonly state: Extract<EnrollmentState, { readonly kind: 'waiting-for-approval' }>;
  /** Where the key is; null: it is unplugged, and the request can be taken back when it is there again. */
  readonly readerName: string | null;
  readonly onLeave: () => void;
}

/** The person may leave; four big words say which request it is. */
export function WaitingForApproval({ state, readerName, onLeave }: WaitingProps) {
  const { enrollment } = useMessages();
  const formats = useFormats();
  const texts = enrollment.waiting;
  const { request, offline } = state;
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const takeBack = async (at: string): Promise<void> => {
    setBusy(true);
    const answer = await call('enrollment.withdraw', { readerName: at });
    setBusy(false);
    if (!answer.ok) {
      setFailure(answer.failure);
      return;
    }
    announce(texts.takenBack);
    onLeave();
  };
  return (
    <Screen
      title={texts.title}
      lead={texts.lead(request.authorityName)}
      onBack={onLeave}
      aside={<StepList steps={state.steps} label={enrollment.stepsLabel} />}
      actions={
        <>
          <Button size="md" variant="light" onClick={onLeave}>
            {texts.back}
          </Button>
          {readerName !== null && (
            <Button size="md" variant="subtle" color="red" loading={isBusy} onClick={() => void takeBack(readerName)}>
              {texts.takeBack}
            </Button>
          )}
        </>
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
      {failure !== null && <ProblemPanel failure={failure} />}
      <p className={forms.soft}>
        {texts.since(formats.relative(request.submittedAt))}. {texts.leave}
      </p>
    </Screen>
  );
}
