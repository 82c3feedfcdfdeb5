import { Checkbox, TextInput, UnstyledButton } from '@mantine/core';
import { memo, useDeferredValue, useState, type ReactNode } from 'react';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { BulkApproval } from './bulk-approval.tsx';
import { LongList } from './long-list.tsx';
import { mayDecide } from './may-decide.ts';
import { expectSignOut } from './sign-out.ts';
import { idOf, useRequests, type QueueTab } from './use-requests.ts';
import { useSelection } from './use-selection.ts';
import styles from './queue.module.css';

const TABS: readonly QueueTab[] = ['pending', 'decided'];

interface QueueListProps {
  readonly view: Extract<QueueView, { readonly kind: 'signed-in' }>;
  readonly tab: QueueTab;
  readonly onTab: (tab: QueueTab) => void;
  readonly onOpen: (request: CertificateRequest) => void;
  readonly navigation: ReactNode;
}

export function QueueList({ view, tab, onTab, onOpen, navigation }: QueueListProps) {
  const { queue } = useMessages();
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed.trim());
  const pages = useRequests(view, tab, search);
  const selection = useSelection(pages.rows);
  const isDeciding = tab === 'pending' && mayDecide(view.approver);

  return (
    <Screen title={queue.title} isWide lead={<Session view={view} />}>
      {view.offline && <Notice tone="brass">{queue.offline}</Notice>}
      {navigation}
      <div className={styles.tabs} role="group" aria-label={queue.title}>
        {TABS.map((each) => (
          <UnstyledButton key={each} className={styles.tab} aria-pressed={each === tab} onClick={() => onTab(each)}>
            {queue[each]} <span className={styles.count}>{view.counts[each]}</span>
          </UnstyledButton>
        ))}
        <TextInput className={styles.search} type="search" aria-label={queue.search} placeholder={queue.search} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      </div>
      <LongList
        key={tab}
        pages={pages}
        keyOf={idOf}
        renderRow={(request) => (
          <Row
            request={request}
            onOpen={onOpen}
            isChosen={selection.isChosen(request)}
            isFull={selection.isFull}
            onChoose={isDeciding && !request.isOwn ? selection.choose : undefined}
          />
        )}
        empty={<EmptyQueue tab={tab} isSearch={search !== ''} />}
      />
      {isDeciding && selection.chosen.length > 0 && <BulkApproval requests={selection.chosen} approver={view.approver} isFull={selection.isFull} onKeep={selection.keep} />}
    </Screen>
  );
}

function Session({ view }: Pick<QueueListProps, 'view'>) {
  const { queue, officers } = useMessages();
  const formats = useFormats();
  return (
    <span className={styles.session}>
      {queue.signedInAs(view.approver.name, officers.roles[view.approver.role])}, {queue.until(formats.time(view.approver.expiresAt))}
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
  );
}

function EmptyQueue({ tab, isSearch }: { readonly tab: QueueTab; readonly isSearch: boolean }) {
  const { queue } = useMessages();
  const [title, hint] = isSearch ? [queue.noneFound, queue.noneFoundHint] : tab === 'pending' ? [queue.nonePending, queue.nonePendingHint] : [queue.noneDecided, queue.noneDecidedHint];
  return (
    <div className={styles.emptyList}>
      <Icon name="requests" size={40} />
      <p className={styles.emptyTitle}>{title}</p>
      <p className={styles.soft}>{hint}</p>
    </div>
  );
}

interface RowProps {
  readonly request: CertificateRequest;
  readonly isChosen: boolean;
  /** No further one can be chosen. */
  readonly isFull: boolean;
  readonly onOpen: (request: CertificateRequest) => void;
  /** undefined: it cannot be approved from here. */
  readonly onChoose: ((request: CertificateRequest) => void) | undefined;
}

const Row = memo(function Row({ request, isChosen, isFull, onOpen, onChoose }: RowProps) {
  const { queue } = useMessages();
  const formats = useFormats();
  const name = request.claimed.name.trim() === '' ? queue.nameless : request.claimed.name;
  const isGenuine = request.verified.attestation !== null;
  return (
    <>
      {onChoose !== undefined && <Checkbox className={styles.choose} checked={isChosen} disabled={isFull && !isChosen} aria-label={queue.choose(name)} onChange={() => onChoose(request)} />}
      <UnstyledButton className={styles.rowButton} onClick={() => onOpen(request)} aria-label={queue.open(name)}>
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
          {request.isOwn && request.status === 'pending' && <span>{queue.own}</span>}
          {request.approvalsNeeded > 1 && request.status === 'pending' && <span>{queue.approvals(request.approvals.length, request.approvalsNeeded)}</span>}
          {formats.relative(request.decision?.at ?? request.submittedAt)}
        </span>
        <Icon name="forward" size={18} />
      </UnstyledButton>
    </>
  );
});
