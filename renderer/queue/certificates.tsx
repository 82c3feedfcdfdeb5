import { TextInput } from '@mantine/core';
import { useCallback, useDeferredValue, useState, type ReactNode } from 'react';
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
import { PAGE_ROWS, usePages } from './use-pages.ts';
import styles from './queue.module.css';

interface CertificatesProps {
  readonly approver: ApproverView;
  readonly navigation: ReactNode;
  readonly onInvite: (invitee: Invitee) => void;
}

/** Which certificates there are, and what becomes of them. */
export function Certificates({ approver, navigation, onInvite }: CertificatesProps) {
  const { officers, queue } = useMessages();
  const texts = officers.certificates;
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState<IssuedCertificate | null>(null);
  const search = useDeferredValue(typed.trim());
  const ask = useCallback(
    async (after: string | null) => {
      const answer = await call('queue.certificates', { limit: PAGE_ROWS, ...(search === '' ? {} : { search }), ...(after === null ? {} : { after }) });
      return answer.ok ? success({ rows: answer.value.certificates, next: answer.value.next }) : answer;
    },
    [search],
  );
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
      <TextInput type="search" aria-label={texts.search} placeholder={texts.search} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      <LongList
        pages={pages}
        keyOf={serialOf}
        renderRow={(certificate) => <CertificateRow certificate={certificate} onOpen={setOpen} />}
        empty={<p className={styles.soft}>{search === '' ? texts.none : queue.noneFound}</p>}
      />
    </Screen>
  );
}
