import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { Result } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { callName } from '../messages/en.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Facts } from '../ui/facts.tsx';
import { FourWords } from '../ui/four-words.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { ClaimedColumn, VerifiedColumn } from './request-columns.tsx';
import styles from './queue.module.css';

interface RequestPageProps {
  /** undefined: it left the list meanwhile. */
  readonly request: CertificateRequest | undefined;
  readonly isOffline: boolean;
  readonly onBack: () => void;
}

/** One request: the words to compare, what is proven beside what is said, and the decision. */
export function RequestPage({ request: listed, isOffline, onBack }: RequestPageProps) {
  const { queue } = useMessages();
  const formats = useFormats();
  const texts = queue.request;
  // The answer to a decision is newer than the list until the list catches up.
  const [decided, setDecided] = useState<CertificateRequest | null>(null);
  const request = decided ?? listed;

  if (request === undefined) return <Screen title={queue.title} lead={texts.gone} onBack={onBack} />;
  const name = request.claimed.name.trim() === '' ? queue.nameless : request.claimed.name;
  return (
    <Screen key={request.status} title={texts.title(name)} lead={texts.received(formats.dateTime(request.submittedAt), formats.relative(request.submittedAt))} onBack={onBack} isWide>
      {isOffline && <Notice tone="brass">{queue.offline}</Notice>}
      {request.status !== 'pending' && <Decision request={request} isNew={decided !== null} name={name} />}
      <section className={styles.words}>
        <h2 className={styles.section}>{texts.words}</h2>
        <FourWords words={request.words} label={texts.words} isInRow />
        {request.status === 'pending' && <p className={styles.soft}>{texts.wordsHint(callName(name))}</p>}
      </section>
      <div className={styles.columns}>
        <VerifiedColumn verified={request.verified} />
        <ClaimedColumn request={request} />
      </div>
      {request.status === 'pending' ? (
        <DecisionForm request={request} name={name} onDecided={setDecided} />
      ) : (
        <div>
          <Button size="md" variant="light" onClick={onBack}>
            {texts.toList}
          </Button>
        </div>
      )}
    </Screen>
  );
}

interface DecisionFormProps {
  readonly request: CertificateRequest;
  readonly name: string;
  readonly onDecided: (request: CertificateRequest) => void;
}

function DecisionForm({ request, name, onDecided }: DecisionFormProps) {
  const { queue, app } = useMessages();
  const texts = queue.request;
  const [isDenying, setDenying] = useState(false);
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const decide = async (answer: Promise<Result<CertificateRequest>>, told: string): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const result = await answer;
    setBusy(false);
    if (!result.ok) {
      setFailure(result.failure);
      return;
    }
    announce(told);
    onDecided(result.value);
  };
  const approve = (): void => void decide(call('queue.approve', { requestId: request.id }), texts.approvedNow(callName(name)));
  const deny = (): void => void decide(call('queue.deny', { requestId: request.id, reason: reason.trim() }), texts.deniedNow(callName(name)));

  if (isDenying) {
    return (
      <form
        className={styles.denial}
        onSubmit={(event) => {
          event.preventDefault();
          deny();
        }}
        onKeyDown={(event) => {
          // Esc takes back the denial, not the whole page.
          if (event.key !== 'Escape') return;
          event.preventDefault();
          setDenying(false);
        }}
      >
        <h2 className={styles.section}>{texts.denyTitle(callName(name))}</h2>
        <Textarea
          label={texts.denyReason}
          description={texts.denyHint(callName(name))}
          value={reason}
          rows={3}
          maxLength={500}
          size="md"
          autoFocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {failure !== null && <ProblemPanel failure={failure} />}
        <div className={styles.actions}>
          <Button type="submit" color="red" size="md" loading={isBusy} disabled={reason.trim() === ''}>
            {texts.denyButton}
          </Button>
          <Button variant="subtle" size="md" onClick={() => setDenying(false)}>
            {app.cancel}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <>
      {failure !== null && <ProblemPanel failure={failure} />}
      <div className={`sticky-actions ${styles.actions}`}>
        <Button size="md" onClick={approve} loading={isBusy}>
          {texts.approve(name)}
        </Button>
        <Button size="md" variant="subtle" color="red" onClick={() => setDenying(true)} disabled={isBusy}>
          {texts.deny}
        </Button>
      </div>
    </>
  );
}

/** What became of it. */
function Decision({ request, isNew, name }: { readonly request: CertificateRequest; readonly isNew: boolean; readonly name: string }) {
  const { queue } = useMessages();
  const formats = useFormats();
  const texts = queue.request;
  const isDenied = request.status === 'denied';
  const { decision } = request;
  const title = isNew ? (isDenied ? texts.deniedNow : texts.approvedNow)(callName(name)) : queue.statuses[request.status];
  return (
    <Notice tone={isDenied ? 'red' : 'good'} title={title}>
      {decision !== null && <p>{texts.decided(decision.by, formats.dateTime(decision.at))}</p>}
      {decision?.reason != null && <p>{texts.reason(decision.reason)}</p>}
      {request.certificateSerialNumber !== null && (
        <Facts
          facts={[
            { name: texts.certificate, value: request.certificateSerialNumber, isCode: true },
            ...(request.certificateExpiresAt === null ? [] : [{ name: texts.validUntil, value: formats.date(request.certificateExpiresAt) }]),
          ]}
        />
      )}
    </Notice>
  );
}
