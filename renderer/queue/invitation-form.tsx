import { Button, Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { Answers, ApproverView } from '../../core/ipc.ts';
import type { CreatedInvitation, WantedInvitation } from '../../core/requests/invitation-view.ts';
import { ROLES, type Role } from '../../core/requests/roles.ts';
import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import styles from './queue.module.css';

const WEEK_DAYS = 7;

/** Somebody to be invited whose certificate is at hand. */
export type Invitee = Pick<WantedInvitation, 'name' | 'email' | 'profile' | 'role'>;

const NOBODY: Invitee = { name: '', email: '', role: 'user', profile: '' };

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
  /** null: nobody in particular. */
  readonly invitee: Invitee | null;
  readonly approver: ApproverView;
  readonly onCreated: (created: CreatedInvitation) => void;
  readonly onBack: () => void;
}

/** Who is invited to what. */
export function InvitationForm({ invitee, approver, onCreated, onBack }: InvitationFormProps) {
  const { officers } = useMessages();
  const texts = officers.invitations;
  const profiles = useProfiles();
  const [wanted, setWanted] = useState<WantedInvitation>({ ...(invitee ?? NOBODY), days: WEEK_DAYS, uses: 1, isAutomatic: false });
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
