import { Button, Textarea } from '@mantine/core';
import { useState, type KeyboardEvent } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { ApproverView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { Decision } from '../../core/requests/decision.ts';
import { callName } from '../messages/en.ts';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { csrHash } from './csr-hash.ts';
import { SigningPin, useSigning, type Signing } from './signing-pin.tsx';
import styles from './queue.module.css';

interface DecisionFormProps {
  readonly request: CertificateRequest;
  readonly approver: ApproverView;
  readonly name: string;
  /** With the request as it is afterwards. */
  readonly onDecided: (request: CertificateRequest) => void;
}

/** Approving a request that waits, or denying it with a reason. */
export function DecisionForm(props: DecisionFormProps) {
  const [isDenying, setDenying] = useState(false);
  return isDenying ? <DenialForm {...props} onCancel={() => setDenying(false)} /> : <ApprovalForm {...props} onDeny={() => setDenying(true)} />;
}

interface Deciding {
  readonly signing: Signing;
  readonly failure: Failure | null;
  /** `make`: the decision on the CSR of this hash; `told`: what is announced where it is final. */
  readonly decide: (make: (of: { readonly requestId: string; readonly csrSha256: string }) => Decision, told: string) => void;
}

/** Signs a decision on the CSR that is on the screen, and hands it in. */
function useDeciding({ request, onDecided }: DecisionFormProps): Deciding {
  const texts = useMessages().queue.request;
  const signing = useSigning();
  const [failure, setFailure] = useState<Failure | null>(null);
  const decide = async (...[make, told]: Parameters<Deciding['decide']>): Promise<void> => {
    setFailure(null);
    const [outcome] = (await signing.sign([make({ requestId: request.id, csrSha256: await csrHash(request.csr) })])) ?? [];
    if (outcome === undefined) return;
    if (!outcome.ok) {
      setFailure(outcome.failure);
      return;
    }
    announce(outcome.request?.status === 'pending' ? texts.approvedInPart : told);
    if (outcome.request !== null) onDecided(outcome.request);
  };
  return { signing, failure, decide: (...args) => void decide(...args) };
}

function ApprovalForm(props: DecisionFormProps & { readonly onDeny: () => void }) {
  const { request, approver, name, onDeny } = props;
  const texts = useMessages().queue.request;
  const { signing, failure, decide } = useDeciding(props);
  return (
    <form
      className={styles.decision}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        decide((of) => ({ decision: 'approve', ...of }), texts.approvedNow(callName(name)));
      }}
    >
      {request.approvalsNeeded > 1 && <Approvals request={request} />}
      {request.isOwn ? <Notice tone="brass">{texts.own}</Notice> : <SigningPin signing={signing} approver={approver} />}
      {failure !== null && <ProblemPanel failure={failure} />}
      <div className={`sticky-actions ${styles.actions}`}>
        {!request.isOwn && (
          <Button type="submit" size="md" loading={signing.isBusy}>
            {texts.approve(name)}
          </Button>
        )}
        <Button size="md" variant="subtle" color="red" onClick={onDeny} disabled={signing.isBusy}>
          {texts.deny}
        </Button>
      </div>
    </form>
  );
}

function DenialForm(props: DecisionFormProps & { readonly onCancel: () => void }) {
  const { approver, name, onCancel } = props;
  const { queue, app } = useMessages();
  const texts = queue.request;
  const [reason, setReason] = useState('');
  const { signing, failure, decide } = useDeciding(props);
  // Esc takes back the denial, not the whole page.
  const cancelOnEscape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onCancel();
  };
  return (
    <form
      className={styles.denial}
      onSubmit={(event) => {
        event.preventDefault();
        decide((of) => ({ decision: 'deny', ...of, reason: reason.trim() }), texts.deniedNow(callName(name)));
      }}
      onKeyDown={cancelOnEscape}
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
        <Button type="submit" color="red" size="md" loading={signing.isBusy} disabled={reason.trim() === ''}>
          {texts.denyButton}
        </Button>
        <Button variant="subtle" size="md" onClick={onCancel}>
          {app.cancel}
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
