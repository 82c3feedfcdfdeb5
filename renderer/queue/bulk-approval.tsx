import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ApproverView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { DecisionOutcome } from '../../core/requests/decision.ts';
import { useMessages } from '../messages/language.tsx';
import { wordFailure } from '../messages/failures.ts';
import { announce } from '../ui/announcer.tsx';
import { Notice } from '../ui/notice.tsx';
import { csrHash } from './csr-hash.ts';
import { SigningPin, useSigning } from './signing-pin.tsx';
import styles from './queue.module.css';

interface BulkApprovalProps {
  readonly requests: readonly CertificateRequest[];
  readonly approver: ApproverView;
  readonly onDone: () => void;
}

/** Several requests approved with one PIN; each stands for itself, and those that failed are told by name. */
export function BulkApproval({ requests, approver, onDone }: BulkApprovalProps) {
  const messages = useMessages();
  const { queue } = messages;
  const signing = useSigning();
  const [failed, setFailed] = useState<readonly string[]>([]);
  const approve = async (): Promise<void> => {
    const decisions = await Promise.all(requests.map(async ({ id, csr }) => ({ decision: 'approve', requestId: id, csrSha256: await csrHash(csr) }) as const));
    const outcomes = await signing.sign(decisions);
    if (outcomes === null) return;
    const problems = outcomes.flatMap((outcome: DecisionOutcome, index) =>
      outcome.ok ? [] : [`${requests[index]?.claimed.name ?? ''}: ${wordFailure(outcome.failure, messages.failures).what}`],
    );
    setFailed(problems);
    announce(queue.bulk.done(outcomes.length - problems.length));
    if (problems.length === 0) onDone();
  };
  return (
    <form
      className={styles.bulk}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void approve();
      }}
    >
      <h2 className={styles.section}>{queue.bulk.title(requests.length)}</h2>
      <p className={styles.soft}>{queue.bulk.hint}</p>
      <SigningPin signing={signing} approver={approver} />
      {failed.length > 0 && (
        <Notice tone="red" title={queue.bulk.failed(failed.length)}>
          {failed.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </Notice>
      )}
      <div className={styles.actions}>
        <Button type="submit" size="md" loading={signing.isBusy}>
          {queue.bulk.button(requests.length)}
        </Button>
        <Button variant="subtle" size="md" onClick={onDone}>
          {messages.app.cancel}
        </Button>
      </div>
    </form>
  );
}
