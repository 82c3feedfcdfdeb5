import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import { ROLES, type Role } from '../../core/requests/roles.ts';
import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import styles from './queue.module.css';

interface RoleFormProps {
  readonly certificate: IssuedCertificate;
  readonly onChanged: (certificate: IssuedCertificate) => void;
}

/** An owner gives the holder of a certificate a role, or takes it away. */
export function RoleForm({ certificate: { serialNumber, name, role }, onChanged }: RoleFormProps) {
  const { officers } = useMessages();
  const [wanted, setWanted] = useState<Role>(role);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const answer = await call('queue.setRole', { serialNumber, role: wanted });
    setBusy(false);
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok) return;
    announce(officers.certificates.roleChanged(name, officers.roles[answer.value.role]));
    onChanged(answer.value);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <NativeSelect
        label={officers.certificates.facts.role}
        size="md"
        value={wanted}
        data={ROLES.map((each) => ({ value: each, label: officers.roles[each] }))}
        onChange={(event) => setWanted(event.currentTarget.value as Role)}
      />
      {failure !== null && <ProblemPanel failure={failure} />}
      <div className={styles.actions}>
        <Button type="submit" variant="light" size="md" loading={isBusy} disabled={wanted === role}>
          {officers.certificates.changeRole}
        </Button>
      </div>
    </form>
  );
}
