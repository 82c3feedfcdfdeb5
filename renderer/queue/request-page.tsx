import { Button, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { ApproverView, QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { Decision as ApproversDecision } from '../../core/requests/decision.ts';
import { call } from '../bridge.ts';
import { callName } from '../messages/en.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Facts } from '../ui/facts.tsx';
import { FourWords } from '../ui/four-words.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { csrHash } from './csr-hash.ts';
import { mayDecide } from './may-decide.ts';
import { ClaimedColumn, VerifiedColumn } from './request-columns.tsx';
import { SigningPin, useSigning } from './signing-pin.tsx';
import styles from './queue.module.css';

interface RequestPageProps {
  /** As it was when it was opened. */
  readonly opened: CertificateRequest;
  readonly view: Extract<QueueView, { readonly kind: 'signed-in' }>;
  readonly onBack: () => void;
}

/** The request as it is now: asked for again whenever the queue changes. undefined: the CA knows it no more. */
function useCurrent(opened: CertificateRequest, revision: number, decided: CertificateRequest | null): CertificateRequest | undefined {
  const [current, setCurrent] = useState<CertificateRequest | undefined>(opened);
  useEffect(() => {
    let isLeft = false;
    void call('queue.request', { requestId: opened.id }).then((answer) => {
      if (isLeft) return;
      if (answer.ok) setCurrent(answer.value);
      else if (answer.failure.kind === 'request-unknown') setCurrent(undefined);
    });
    return () => {
      isLeft = true;
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another revision: what was answered is out of date
  }, [opened.id, revision]);
  // The answer to a decision is newer than what was asked before it.
  return decided ?? current;
}

/** One request: the words to compare, what is proven beside what is said, and the decision. */
export function RequestPage({ opened, view, onBack }: RequestPageProps) {
  const { queue } = useMessages();
  const formats = useFormats();
  const texts = queue.request;
  const [decided, setDecided] = useState<CertificateRequest | null>(null);
  const request = useCurrent(opened, view.revision, decided);

  if (request === undefined) return <Screen title={queue.title} lead={texts.gone} onBack={onBack} />;
  const name = request.claimed.name.trim() === '' ? queue.nameless : request.claimed.name;
  return (
    <Screen key={request.status} title={texts.title(name)} lead={texts.received(formats.dateTime(request.submittedAt), formats.relative(request.submittedAt))} onBack={onBack} isWide>
      {view.offline && <Notice tone="brass">{queue.offline}</Notice>}
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
      {request.status === 'pending' && mayDecide(view.approver) ? (
        <DecisionForm request={request} approver={view.approver} name={name} onDecided={setDecided} />
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
  readonly approver: ApproverView;
  readonly name: string;
  readonly onDecided: (request: CertificateRequest) => void;
}

function DecisionForm({ request, approver, name, onDecided }: DecisionFormProps) {
  const { queue, app } = useMessages();
  const texts = queue.request;
  const [isDenying, setDenying] = useState(false);
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const signing = useSigning();
  const { isBusy } = signing;

  const decide = async (made: (csrSha256: string) => ApproversDecision, told: string): Promise<void> => {
    setFailure(null);
    const [outcome] = (await signing.sign([made(await csrHash(request.csr))])) ?? [];
    if (outcome === undefined) return;
    if (!outcome.ok) {
      setFailure(outcome.failure);
      return;
    }
    const isWaitingOn = outcome.request?.status === 'pending';
    announce(isWaitingOn ? texts.approvedInPart : told);
    if (outcome.request !== null) onDecided(outcome.request);
  };
  const of = { requestId: request.id };
  const approve = (): void => void decide((csrSha256) => ({ decision: 'approve', ...of, csrSha256 }), texts.approvedNow(callName(name)));
  const deny = (): void => void decide((csrSha256) => ({ decision: 'deny', ...of, csrSha256, reason: reason.trim() }), texts.deniedNow(callName(name)));

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
        <SigningPin signing={signing} approver={approver} />
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
    <form
      className={styles.decision}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        approve();
      }}
    >
      {request.approvalsNeeded > 1 && <Approvals request={request} />}
      {request.isOwn ? <Notice tone="brass">{texts.own}</Notice> : <SigningPin signing={signing} approver={approver} />}
      {failure !== null && <ProblemPanel failure={failure} />}
      <div className={`sticky-actions ${styles.actions}`}>
        {!request.isOwn && (
          <Button type="submit" size="md" loading={isBusy}>
            {texts.approve(name)}
          </Button>
        )}
        <Button size="md" variant="subtle" color="red" onClick={() => setDenying(true)} disabled={isBusy}>
          {texts.deny}
        </Button>
      </div>
    </form>
  );
}

/** Two have to say yes, and who has. */
function Approvals({ request: { approvals, approvalsNeeded } }: { readonly request: CertificateRequest }) {
  const texts = useMessages().queue.request;
  return (
    <Notice tone="brass" title={texts.approvers(approvalsNeeded)}>
      {approvals.length > 0 && <p>{texts.approvedBy(approvals.map(({ by }) => by).join(', '))}</p>}
    </Notice>
  );
}

/** What became of it. */
function Decision({ request, isNew, name }: { readonly request: CertificateRequest; readonly isNew: boolean; readonly name: string }) {
  const { queue } = useMessages();
  const formats = useFormats();
  const texts = queue.request;
  const isDenied = request.status !== 'issued' && request.status !== 'approved';
  const { decision } = request;
  const title = isNew && request.status !== 'withdrawn' && request.status !== 'expired' ? (isDenied ? texts.deniedNow : texts.approvedNow)(callName(name)) : queue.statuses[request.status];
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
