import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ApproverView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { MAX_DECISIONS } from '../../core/requests/decision.ts';
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
  /** No further one can be chosen. */
  readonly isFull: boolean;
  /** Only these stay chosen. */
  readonly onKeep: (ids: readonly string[]) => void;
}

interface Unapproved {
  readonly id: string;
  readonly text: string;
}

/** Several requests approved with one PIN; each stands for itself, and those that failed are told by name and stay chosen. */
export function BulkApproval({ requests, approver, isFull, onKeep }: BulkApprovalProps) {
  const messages = useMessages();
  const { queue } = messages;
  const signing = useSigning();
  const [failed, setFailed] = useState<readonly Unapproved[]>([]);
  const approve = async (): Promise<void> => {
    const decisions = await Promise.all(requests.map(async ({ id, csr }) => ({ decision: 'approve', requestId: id, csrSha256: await csrHash(csr) }) as const));
    const outcomes = await signing.sign(decisions);
    if (outcomes === null) return;
    const problems = requests.flatMap(({ id, claimed }, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok !== false) return [];
      return [{ id, text: `${queue.bulk.who(claimed.name.trim() || queue.nameless, claimed.email ?? '')} ${wordFailure(outcome.failure, messages.failures).what}` }];
    });
    setFailed(problems);
    announce(queue.bulk.done(outcomes.length - problems.length));
    onKeep(problems.map(({ id }) => id));
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
      <p className={styles.soft}>
        {queue.bulk.hint} {isFull && queue.bulk.full(MAX_DECISIONS)}
      </p>
      <SigningPin signing={signing} approver={approver} />
      {failed.length > 0 && (
        <Notice tone="red" title={queue.bulk.failed(failed.length)}>
          {failed.map(({ id, text }) => (
            <p key={id}>{text}</p>
          ))}
        </Notice>
      )}
      <div className={styles.actions}>
        <Button type="submit" size="md" loading={signing.isBusy}>
          {queue.bulk.button(requests.length)}
        </Button>
        <Button variant="subtle" size="md" onClick={() => onKeep([])}>
          {messages.app.cancel}
        </Button>
      </div>
    </form>
  );
}
