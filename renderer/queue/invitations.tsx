import { Button, UnstyledButton } from '@mantine/core';
import { useCallback, useState, type ReactNode } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { ApproverView } from '../../core/ipc.ts';
import type { CreatedInvitation, InvitationView } from '../../core/requests/invitation-view.ts';
import { success } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { InvitationForm, type Invitee } from './invitation-form.tsx';
import { InvitationLink } from './invitation-link.tsx';
import { LongList } from './long-list.tsx';
import { mayDecide } from './may-decide.ts';
import { PAGE_ROWS, usePages } from './use-pages.ts';
import styles from './queue.module.css';

interface InvitationsProps {
  /** Somebody who is to be invited right away. */
  readonly invitee: Invitee | null;
  readonly onInvited: () => void;
  readonly approver: ApproverView;
  readonly navigation: ReactNode;
}

const idOf = ({ id }: InvitationView): string => id;

/** Who is invited, and writing one more invitation. */
export function Invitations({ invitee, onInvited, approver, navigation }: InvitationsProps) {
  const { officers } = useMessages();
  const texts = officers.invitations;
  const [isWriting, setWriting] = useState(invitee !== null);
  const [created, setCreated] = useState<CreatedInvitation | null>(null);
  const [notEnded, setNotEnded] = useState<Failure | null>(null);
  const ask = useCallback(async (after: string | null) => {
    const answer = await call('queue.invitations', { limit: PAGE_ROWS, ...(after === null ? {} : { after }) });
    return answer.ok ? success({ rows: answer.value.invitations, next: answer.value.next }) : answer;
  }, []);
  const pages = usePages(ask, idOf);
  const { reload } = pages;
  const ended = (problem: Failure | null): void => {
    setNotEnded(problem);
    reload();
  };
  const leave = (): void => {
    setCreated(null);
    setWriting(false);
    onInvited();
    reload();
  };
  if (created !== null) return <InvitationLink created={created} onBack={leave} />;
  if (isWriting) return <InvitationForm invitee={invitee} approver={approver} onCreated={setCreated} onBack={leave} />;
  return (
    <Screen
      title={texts.title}
      isWide
      lead={texts.lead}
      actions={
        mayDecide(approver) ? (
          <Button size="md" onClick={() => setWriting(true)}>
            {texts.write}
          </Button>
        ) : undefined
      }
    >
      {navigation}
      {notEnded !== null && <ProblemPanel failure={notEnded} />}
      <LongList
        pages={pages}
        keyOf={idOf}
        renderRow={(invitation) => <Row invitation={invitation} mayEnd={mayDecide(approver)} onEnded={ended} />}
        empty={<p className={styles.soft}>{texts.none}</p>}
      />
    </Screen>
  );
}

interface RowProps {
  readonly invitation: InvitationView;
  readonly mayEnd: boolean;
  /** With what went wrong, where something did. */
  readonly onEnded: (failure: Failure | null) => void;
}

function Row({ invitation, mayEnd, onEnded }: RowProps) {
  const { officers } = useMessages();
  const texts = officers.invitations;
  const formats = useFormats();
  const { id, name, email, role, state, expiresAt } = invitation;
  const end = async (): Promise<void> => {
    const answer = await call('queue.endInvitation', { invitationId: id });
    if (answer.ok) announce(texts.ended(name));
    onEnded(answer.ok ? null : answer.failure);
  };
  return (
    <>
      <div className={styles.rowButton}>
        <span className={styles.rowWho}>
          <span className={styles.rowName}>{name}</span>
          <span className={styles.soft}>{role === 'user' ? email : `${email} · ${officers.roles[role]}`}</span>
        </span>
        <span className={styles.badge} data-tone={state === 'open' ? 'good' : 'brass'}>
          {texts.states[state]}
        </span>
        <span className={styles.rowWhen}>{officers.certificates.until(formats.date(expiresAt))}</span>
      </div>
      {mayEnd && state === 'open' && (
        <UnstyledButton className={styles.link} aria-label={texts.endOf(name)} onClick={() => void end()}>
          {texts.end}
        </UnstyledButton>
      )}
    </>
  );
}
