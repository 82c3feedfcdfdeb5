import { encode } from 'uqr';
import type { CreatedInvitation } from '../../core/requests/invitation-view.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import styles from './queue.module.css';

interface InvitationLinkProps {
  readonly created: CreatedInvitation;
  readonly onBack: () => void;
}

/** The link of a new invitation, told this once: to copy, and as a picture for the camera of a phone or of another computer. */
export function InvitationLink({ created: { invitation, link }, onBack }: InvitationLinkProps) {
  const { officers } = useMessages();
  const texts = officers.invitations;
  const formats = useFormats();
  return (
    <Screen title={texts.createdFor(invitation.name)} lead={texts.createdHint(formats.date(invitation.expiresAt))} onBack={onBack}>
      <Notice tone="brass">{texts.once}</Notice>
      <p className={styles.linkText}>{link}</p>
      <div className={styles.actions}>
        <CopyButton text={link} />
      </div>
      <QrCode text={link} label={texts.qr(invitation.name)} />
    </Screen>
  );
}

/** Black on white in both themes, with the quiet zone of four modules that readers want (ISO/IEC 18004, section 6.3.8). */
function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { data, size } = encode(text, { border: 4, ecc: 'M' });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg className={styles.qr} role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
