import { UnstyledButton } from '@mantine/core';
import type { IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import styles from './queue.module.css';

export const serialOf = ({ serialNumber }: IssuedCertificate): string => serialNumber;

interface CertificateRowProps {
  readonly certificate: IssuedCertificate;
  readonly onOpen: (certificate: IssuedCertificate) => void;
}

/** A certificate in a list, with its holder's role where there is one. */
export function CertificateRow({ certificate, onOpen }: CertificateRowProps) {
  const { officers } = useMessages();
  const formats = useFormats();
  const { name, email, role, status, expiresAt } = certificate;
  const isOver = status === 'good' && expiresAt.getTime() < Date.now();
  return (
    <UnstyledButton className={styles.rowButton} onClick={() => onOpen(certificate)} aria-label={officers.certificates.open(name)}>
      <span className={styles.rowWho}>
        <span className={styles.rowName}>{name}</span>
        <span className={styles.soft}>{role === 'user' ? email : `${email ?? ''} · ${officers.roles[role]}`}</span>
      </span>
      <span className={styles.badge} data-tone={status === 'good' && !isOver ? 'good' : 'brass'}>
        {isOver ? officers.certificates.over : officers.certificates.statuses[status]}
      </span>
      <span className={styles.rowWhen}>{officers.certificates.until(formats.date(expiresAt))}</span>
      <Icon name="forward" size={18} />
    </UnstyledButton>
  );
}
