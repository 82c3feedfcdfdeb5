import { TextInput, UnstyledButton } from '@mantine/core';
import { useCallback, useDeferredValue, useState, type ReactNode } from 'react';
import type { ApproverView } from '../../core/ipc.ts';
import type { IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import { success } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { Screen } from '../ui/screen.tsx';
import { CertificatePage } from './certificate-page.tsx';
import { LongList } from './long-list.tsx';
import { PAGE_ROWS, usePages } from './use-pages.ts';
import styles from './queue.module.css';

interface CertificatesProps {
  readonly approver: ApproverView;
  readonly navigation: ReactNode;
}

const serialOf = ({ serialNumber }: IssuedCertificate): string => serialNumber;

/** Which certificates there are, and what becomes of them. */
export function Certificates({ approver, navigation }: CertificatesProps) {
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
    return <CertificatePage opened={open} approver={approver} onBack={back} />;
  }
  return (
    <Screen title={texts.title} isWide lead={texts.lead}>
      {navigation}
      <TextInput type="search" aria-label={texts.search} placeholder={texts.search} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      <LongList
        pages={pages}
        keyOf={serialOf}
        renderRow={(certificate) => <Row certificate={certificate} onOpen={setOpen} />}
        empty={<p className={styles.soft}>{search === '' ? texts.none : queue.noneFound}</p>}
      />
    </Screen>
  );
}

function Row({ certificate, onOpen }: { readonly certificate: IssuedCertificate; readonly onOpen: (certificate: IssuedCertificate) => void }) {
  const { officers } = useMessages();
  const formats = useFormats();
  const { name, email, status, expiresAt } = certificate;
  const isOver = status === 'good' && expiresAt.getTime() < Date.now();
  return (
    <UnstyledButton className={styles.rowButton} onClick={() => onOpen(certificate)} aria-label={officers.certificates.open(name)}>
      <span className={styles.rowWho}>
        <span className={styles.rowName}>{name}</span>
        <span className={styles.soft}>{email}</span>
      </span>
      <span className={styles.badge} data-tone={status === 'good' && !isOver ? 'good' : 'brass'}>
        {isOver ? officers.certificates.over : officers.certificates.statuses[status]}
      </span>
      <span className={styles.rowWhen}>{officers.certificates.until(formats.date(expiresAt))}</span>
      <Icon name="forward" size={18} />
    </UnstyledButton>
  );
}
