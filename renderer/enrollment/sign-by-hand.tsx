import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import type { RequestByHand } from '../../core/ipc.ts';
import { call, rememberEnrollment } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { StepList } from '../ui/step-list.tsx';
import forms from '../ui/form.module.css';
import styles from './enrollment.module.css';

interface SignByHandProps {
  readonly state: Extract<EnrollmentState, { readonly kind: 'waiting-for-approval' }>;
  readonly readerName: string;
  readonly onLeave: () => void;
}

/** The CSR to take away, the commands that sign it, and the way back in for the certificate. */
export function SignByHand({ state, readerName, onLeave }: SignByHandProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.signing;
  const [request, setRequest] = useState<RequestByHand | null>(null);
  const [csrFile, setCsrFile] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    void call('byHand.request', { readerName, ...(csrFile === null ? {} : { csrFile }) }).then((answer) => (answer.ok ? setRequest(answer.value) : setFailure(answer.failure)));
  }, [readerName, csrFile]);

  const save = async (): Promise<void> => {
    const answer = await call('byHand.saveCsr', { readerName });
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok || answer.value === null) return;
    setCsrFile(answer.value);
    announce(texts.saved(answer.value));
  };
  const open = async (): Promise<void> => {
    const answer = await call('byHand.openCertificate', { readerName });
    setFailure(answer.ok ? null : answer.failure);
    if (answer.ok && answer.value !== null) rememberEnrollment(readerName, answer.value);
  };
  const takeBack = async (): Promise<void> => {
    const answer = await call('enrollment.withdraw', { readerName });
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok) return;
    announce(enrollment.waiting.takenBack);
    onLeave();
  };
  return (
    <Screen
      title={texts.title}
      lead={texts.lead(state.request.authorityName)}
      onBack={onLeave}
      aside={<StepList steps={state.steps} label={enrollment.stepsLabel} />}
      actions={
        <>
          <Button size="md" onClick={() => void open()}>
            {texts.open}
          </Button>
          <Button size="md" variant="light" onClick={() => void save()}>
            {texts.save}
          </Button>
          <Button size="md" variant="subtle" color="red" onClick={() => void takeBack()}>
            {enrollment.waiting.takeBack}
          </Button>
        </>
      }
    >
      {failure !== null && <ProblemPanel failure={failure} />}
      {request !== null && (
        <>
          <ToCopy title={texts.openssl} text={request.commands.openssl} />
          <p className={forms.soft}>{texts.opensslHint}</p>
          <ToCopy title={texts.easyRsa} text={request.commands.easyRsa.join('\n')} />
          <ToCopy title={texts.csr} text={request.csrPem} />
        </>
      )}
      {csrFile !== null && <p className={forms.soft}>{texts.saved(csrFile)}</p>}
    </Screen>
  );
}

/** Text to be taken to a terminal. It can be focused, because it scrolls. */
function ToCopy({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <section className={styles.words}>
      <div className={styles.copyHead}>
        <h2 className={forms.section}>{title}</h2>
        <CopyButton text={text} />
      </div>
      <pre className={styles.command} role="region" aria-label={title} tabIndex={0}>
        {text.trimEnd()}
      </pre>
    </section>
  );
}
