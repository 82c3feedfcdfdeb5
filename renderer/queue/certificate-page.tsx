import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ApproverView } from '../../core/ipc.ts';
import type { IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import { isAtLeast } from '../../core/requests/roles.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Facts, type Fact } from '../ui/facts.tsx';
import { Screen } from '../ui/screen.tsx';
import { ActForm, type Act } from './certificate-acts.tsx';
import type { Invitee } from './invitation-form.tsx';
import { mayDecide } from './may-decide.ts';
import { RoleForm } from './role-form.tsx';
import styles from './queue.module.css';

interface CertificatePageProps {
  /** As it was when it was opened. */
  readonly opened: IssuedCertificate;
  readonly approver: ApproverView;
  readonly onBack: () => void;
  /** The holder needs another one. */
  readonly onInvite: (invitee: Invitee) => void;
}

/** One certificate: what it is, and putting it on hold, revoking it, and what comes after that. */
export function CertificatePage({ opened, approver, onBack, onInvite }: CertificatePageProps) {
  const { officers } = useMessages();
  const texts = officers.certificates;
  const formats = useFormats();
  const [certificate, setCertificate] = useState(opened);
  const [act, setAct] = useState<Act | null>(null);
  const { name, email, status, serialNumber, revokedAt, revocationReason, keySerial } = certificate;
  const facts: readonly Fact[] = [
    { name: texts.facts.status, value: revokedAt === null ? texts.statuses[status] : texts.since(texts.statuses[status], formats.dateTime(revokedAt)) },
    ...(revocationReason === null ? [] : [{ name: texts.facts.reason, value: texts.reasons[revocationReason] }]),
    { name: texts.facts.email, value: email ?? '' },
    { name: texts.facts.profile, value: certificate.profile },
    { name: texts.facts.role, value: officers.roles[certificate.role] },
    ...(keySerial === null ? [] : [{ name: texts.facts.key, value: String(keySerial) }]),
    { name: texts.facts.valid, value: `${formats.date(certificate.issuedAt)} – ${formats.date(certificate.expiresAt)}` },
    { name: texts.facts.number, value: serialNumber, isCode: true },
  ];
  const changed = (now: IssuedCertificate): void => {
    setAct(null);
    setCertificate(now);
    announce(texts.changed(name, texts.statuses[now.status]));
  };
  if (act !== null) {
    return (
      <Screen title={texts.of(name)} isWide onBack={() => setAct(null)}>
        <ActForm act={act} certificate={certificate} approver={approver} onDone={changed} onCancel={() => setAct(null)} />
      </Screen>
    );
  }
  return (
    <Screen title={texts.of(name)} isWide onBack={onBack}>
      <Facts facts={facts} />
      {mayDecide(approver) && <Acts certificate={certificate} approver={approver} onAct={setAct} onInvite={onInvite} />}
      {approver.role === 'owner' && status === 'good' && <RoleForm certificate={certificate} onChanged={setCertificate} />}
    </Screen>
  );
}

interface ActsProps extends Pick<CertificatePageProps, 'approver' | 'onInvite'> {
  readonly certificate: IssuedCertificate;
  readonly onAct: (act: Act) => void;
}

/** What can be done in this state. */
function Acts({ certificate: { status, name, email, profile, role }, approver, onAct, onInvite }: ActsProps) {
  const texts = useMessages().officers.certificates;
  const invite = (): void => onInvite({ name, email: email ?? '', profile, role: isAtLeast(approver.role, 'owner') ? role : 'user' });
  return (
    <>
      {status === 'revoked' && <p className={styles.soft}>{texts.inviteAnewHint}</p>}
      <div className={styles.actions}>
        {status === 'good' && (
          <Button variant="light" size="md" onClick={() => onAct('hold')}>
            {texts.hold}
          </Button>
        )}
        {status === 'held' && (
          <Button size="md" onClick={() => onAct('release')}>
            {texts.release}
          </Button>
        )}
        {status === 'revoked' ? (
          <Button variant="light" size="md" onClick={invite}>
            {texts.inviteAnew(name)}
          </Button>
        ) : (
          <Button variant="subtle" color="red" size="md" onClick={() => onAct('revoke')}>
            {texts.revoke}
          </Button>
        )}
        {email !== null && (
          <Button variant="subtle" color="red" size="md" onClick={() => onAct('leave')}>
            {texts.leave}
          </Button>
        )}
      </div>
    </>
  );
}
