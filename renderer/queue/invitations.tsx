import { Button, Checkbox, NativeSelect, NumberInput, TextInput, UnstyledButton } from '@mantine/core';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { Answers, ApproverView } from '../../core/ipc.ts';
import type { CreatedInvitation, InvitationView, WantedInvitation } from '../../core/requests/invitation-view.ts';
import { ROLES, type Role } from '../../core/requests/roles.ts';
import { success } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { InvitationLink } from './invitation-link.tsx';
import { LongList } from './long-list.tsx';
import { mayDecide } from './may-decide.ts';
import { PAGE_ROWS, usePages } from './use-pages.ts';
import styles from './queue.module.css';

const WEEK_DAYS = 7;

interface InvitationsProps {
  readonly approver: ApproverView;
  readonly navigation: ReactNode;
}

const idOf = ({ id }: InvitationView): string => id;

/** Who is invited, and writing one more invitation. */
export function Invitations({ approver, navigation }: InvitationsProps) {
  const { officers } = useMessages();
  const texts = officers.invitations;
  const [isWriting, setWriting] = useState(false);
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
    reload();
  };
  if (created !== null) return <InvitationLink created={created} onBack={leave} />;
  if (isWriting) return <InvitationForm approver={approver} onCreated={setCreated} onBack={leave} />;
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

type Profiles = Answers['queue.profiles'];

/** The profiles that can be invited to; undefined while they are asked for. */
function useProfiles(): Profiles | undefined {
  const [profiles, setProfiles] = useState<Profiles | undefined>();
  useEffect(() => {
    void call('queue.profiles', {}).then((answer) => {
      if (answer.ok) setProfiles(answer.value);
    });
  }, []);
  return profiles;
}

interface InvitationFormProps {
  readonly approver: ApproverView;
  readonly onCreated: (created: CreatedInvitation) => void;
  readonly onBack: () => void;
}

function InvitationForm({ approver, onCreated, onBack }: InvitationFormProps) {
  const { officers } = useMessages();
  const texts = officers.invitations;
  const profiles = useProfiles();
  const [wanted, setWanted] = useState<WantedInvitation>({ name: '', email: '', role: 'user', profile: '', days: WEEK_DAYS, uses: 1, isAutomatic: false });
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const profile = profiles?.find(({ name }) => name === wanted.profile) ?? profiles?.[0];
  const change = (part: Partial<WantedInvitation>): void => setWanted({ ...wanted, ...part });
  const submit = async (): Promise<void> => {
    setBusy(true);
    const answer = await call('queue.invite', { ...wanted, profile: profile?.name ?? '', isAutomatic: wanted.isAutomatic && profile?.mayBeAutomatic === true });
    setBusy(false);
    if (answer.ok) onCreated(answer.value);
    else setFailure(answer.failure);
  };
  return (
    <Screen title={texts.write} onBack={onBack}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextInput label={texts.name} value={wanted.name} size="md" onChange={(event) => change({ name: event.currentTarget.value })} />
        <TextInput label={texts.email} type="email" value={wanted.email} size="md" onChange={(event) => change({ email: event.currentTarget.value })} />
        {(profiles?.length ?? 0) > 1 && (
          <NativeSelect label={texts.profile} size="md" value={profile?.name ?? ''} data={(profiles ?? []).map(({ name }) => name)} onChange={(event) => change({ profile: event.currentTarget.value })} />
        )}
        {approver.role === 'owner' && (
          <NativeSelect
            label={texts.role}
            size="md"
            value={wanted.role}
            data={ROLES.map((role) => ({ value: role, label: officers.roles[role] }))}
            onChange={(event) => change({ role: event.currentTarget.value as Role })}
          />
        )}
        <NumberInput label={texts.days} size="md" min={1} max={365} allowDecimal={false} value={wanted.days} onChange={(value) => change({ days: Number(value) })} />
        <NumberInput label={texts.uses} size="md" min={1} max={1000} allowDecimal={false} value={wanted.uses} onChange={(value) => change({ uses: Number(value) })} />
        {profile?.mayBeAutomatic === true && (
          <Checkbox label={texts.automatic} checked={wanted.isAutomatic} onChange={(event) => change({ isAutomatic: event.currentTarget.checked })} />
        )}
        {failure !== null && <ProblemPanel failure={failure} />}
        <div className={styles.actions}>
          <Button type="submit" size="md" loading={isBusy}>
            {texts.create}
          </Button>
        </div>
      </form>
    </Screen>
  );
}
