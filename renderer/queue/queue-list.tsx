import { UnstyledButton } from '@mantine/core';
import { memo, useState } from 'react';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { expectSignOut } from './sign-out.ts';
import styles from './queue.module.css';

export type QueueTab = 'pending' | 'decided';
const TABS: readonly QueueTab[] = ['pending', 'decided'];

/** As many rows as are drawn at once; the rest comes on request, so that a long queue opens as quickly as a short one. */
const ROWS = 100;

interface QueueListProps {
  readonly view: Extract<QueueView, { readonly kind: 'signed-in' }>;
  readonly tab: QueueTab;
  readonly onTab: (tab: QueueTab) => void;
  readonly onOpen: (id: string) => void;
}

export function QueueList({ view, tab, onTab, onOpen }: QueueListProps) {
  const { queue } = useMessages();
  const formats = useFormats();
  const [limit, setLimit] = useState(ROWS);
  const pending = view.requests.filter((request) => request.status === 'pending');
  const decided = view.requests.filter((request) => request.status !== 'pending');
  const shown = tab === 'pending' ? pending : decided;
  const counts = { pending: pending.length, decided: decided.length };

  return (
    <Screen
      title={queue.title}
      isWide
      lead={
        <span className={styles.session}>
          {queue.signedInAs(view.approver.name)}, {queue.until(formats.time(view.approver.expiresAt))}
          <UnstyledButton
            className={styles.link}
            onClick={() => {
              expectSignOut();
              void call('queue.signOut', {});
            }}
          >
            {queue.signOut}
          </UnstyledButton>
        </span>
      }
    >
      {view.offline && <Notice tone="brass">{queue.offline}</Notice>}
      <div className={styles.tabs} role="group" aria-label={queue.title}>
        {TABS.map((each) => (
          <UnstyledButton key={each} className={styles.tab} aria-pressed={each === tab} onClick={() => onTab(each)}>
            {queue[each]} <span className={styles.count}>{counts[each]}</span>
          </UnstyledButton>
        ))}
      </div>
      {shown.length === 0 ? (
        <EmptyQueue tab={tab} />
      ) : (
        <ul className={styles.list}>
          {shown.slice(0, limit).map((request) => (
            <Row key={request.id} request={request} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {shown.length > limit && (
        <UnstyledButton className={styles.link} onClick={() => setLimit(limit + ROWS)}>
          {queue.showMore(Math.min(ROWS, shown.length - limit))}
        </UnstyledButton>
      )}
    </Screen>
  );
}

function EmptyQueue({ tab }: { readonly tab: QueueTab }) {
  const { queue } = useMessages();
  return (
    <div className={styles.emptyList}>
      <Icon name="requests" size={40} />
      <p className={styles.emptyTitle}>{tab === 'pending' ? queue.nonePending : queue.noneDecided}</p>
      <p className={styles.soft}>{tab === 'pending' ? queue.nonePendingHint : queue.noneDecidedHint}</p>
    </div>
  );
}

interface RowProps {
  readonly request: CertificateRequest;
  readonly onOpen: (id: string) => void;
}

const Row = memo(function Row({ request, onOpen }: RowProps) {
  const { queue } = useMessages();
  const formats = useFormats();
  const name = request.claimed.name.trim() === '' ? queue.nameless : request.claimed.name;
  const isGenuine = request.verified.attestation !== null;
  return (
    <li className={styles.row}>
      <UnstyledButton className={styles.rowButton} onClick={() => onOpen(request.id)} aria-label={queue.open(name)}>
        <span className={styles.rowWho}>
          <span className={styles.rowName}>{name}</span>
          <span className={styles.soft}>{request.claimed.email}</span>
        </span>
        <span className={styles.badge} data-tone={isGenuine ? 'good' : 'brass'}>
          <Icon name={isGenuine ? 'shield' : 'warning'} size={16} />
          {isGenuine ? queue.genuine : queue.unproven}
        </span>
        <span className={styles.rowWhen}>
          {request.status !== 'pending' && <span data-status={request.status}>{queue.statuses[request.status]}</span>}
          {formats.relative(request.decision?.at ?? request.submittedAt)}
        </span>
        <Icon name="forward" size={18} />
      </UnstyledButton>
    </li>
  );
});
