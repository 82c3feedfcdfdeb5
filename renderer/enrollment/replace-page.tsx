import { Checkbox } from '@mantine/core';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import type { PageProps } from './questions.tsx';
import styles from './enrollment.module.css';

/** Names what is lost, and wants a yes. */
export function ReplacePage({ questions, draft, change, isTried }: PageProps) {
  const { enrollment } = useMessages();
  const { replace } = enrollment;
  const formats = useFormats();
  const { certificateSubject = null, certificateExpiresAt = null } = questions.replaces ?? {};
  const expiry =
    certificateExpiresAt === null
      ? null
      : (certificateExpiresAt.getTime() < Date.now() ? replace.expired : replace.expires)(formats.date(certificateExpiresAt), formats.relative(certificateExpiresAt));
  return (
    <>
      <Notice tone="red" icon="warning" title={replace.lost}>
        <ul className={styles.losses}>
          <li>
            {certificateSubject === null ? replace.unnamed : replace.certificate(certificateSubject)}
            {expiry !== null && `, ${expiry}`}
          </li>
          {certificateSubject !== null && <li>{replace.secret}</li>}
        </ul>
      </Notice>
      <Checkbox
        color="red"
        label={replace.agree}
        checked={draft.agreesToReplace}
        error={isTried && !draft.agreesToReplace}
        onChange={(event) => change({ agreesToReplace: event.currentTarget.checked })}
      />
    </>
  );
}
