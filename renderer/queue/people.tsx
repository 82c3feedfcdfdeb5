import { useCallback, useState, type ReactNode } from 'react';
import type { ApproverView } from '../../core/ipc.ts';
import type { IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import { success } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { Screen } from '../ui/screen.tsx';
import { CertificatePage } from './certificate-page.tsx';
import { CertificateRow, serialOf } from './certificate-row.tsx';
import type { Invitee } from './invitation-form.tsx';
import { LongList } from './long-list.tsx';
import { usePages } from './use-pages.ts';
import styles from './queue.module.css';

interface PeopleProps {
  readonly approver: ApproverView;
  readonly navigation: ReactNode;
  readonly onInvite: (invitee: Invitee) => void;
}

/** Everybody who can sign in at the CA. */
export function People({ approver, navigation, onInvite }: PeopleProps) {
  const texts = useMessages().officers.people;
  const [open, setOpen] = useState<IssuedCertificate | null>(null);
  const ask = useCallback(async () => {
    const answer = await call('queue.officers', {});
    return answer.ok ? success({ rows: answer.value, next: null }) : answer;
  }, []);
  const pages = usePages(ask, serialOf);
  if (open !== null) {
    const back = (): void => {
      setOpen(null);
      pages.reload();
    };
    return <CertificatePage opened={open} approver={approver} onBack={back} onInvite={onInvite} />;
  }
  return (
    <Screen title={texts.title} isWide lead={texts.lead}>
      {navigation}
      <LongList pages={pages} keyOf={serialOf} renderRow={(certificate) => <CertificateRow certificate={certificate} onOpen={setOpen} />} empty={null} />
      <p className={styles.soft}>{texts.hint}</p>
    </Screen>
  );
}
