import { Checkbox, TextInput } from '@mantine/core';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import type { EnrollmentDraft } from './draft.ts';
import type { PageProps } from './questions.tsx';
import { subjectName } from './subject-name.ts';
import type { EnrolledKey } from './use-enrollment.ts';
import styles from './enrollment.module.css';

/** Said by a key whose serial cannot be read. */
const YES = 'yes';

export function isReplaceConfirmed(draft: EnrollmentDraft, { facts }: EnrolledKey): boolean {
  return draft.replaceConfirmation.trim() === String(facts?.serial ?? YES);
}

/** Names what is lost; the confirming act is to type the serial, so that it is slow and about this key. */
export function ReplacePage({ questions, securityKey, draft, change, isTried }: PageProps) {
  const { enrollment } = useMessages();
  const { replace } = enrollment;
  const formats = useFormats();
  const { certificateSubject = null, certificateExpiresAt = null } = questions.replaces ?? {};
  const serial = securityKey.facts?.serial ?? null;
  const expiry =
    certificateExpiresAt === null
      ? null
      : (certificateExpiresAt.getTime() < Date.now() ? replace.expired : replace.expires)(formats.date(certificateExpiresAt), formats.relative(certificateExpiresAt));
  return (
    <>
      <Notice tone="red" icon="warning" title={replace.lost}>
        <ul className={styles.losses}>
          <li>
            {certificateSubject === null ? replace.unnamed : replace.certificate(subjectName(certificateSubject))}
            {expiry !== null && `, ${expiry}`}
          </li>
          {certificateSubject !== null && <li>{replace.secret}</li>}
        </ul>
      </Notice>
      {serial === null ? (
        <Checkbox
          label={replace.agree}
          checked={draft.replaceConfirmation === YES}
          error={isTried && draft.replaceConfirmation !== YES}
          aria-invalid={isTried && draft.replaceConfirmation !== YES}
          onChange={(event) => change({ replaceConfirmation: event.currentTarget.checked ? YES : '' })}
        />
      ) : (
        <TextInput
          label={replace.typeSerial(serial)}
          value={draft.replaceConfirmation}
          inputMode="numeric"
          autoComplete="off"
          size="md"
          error={isTried && draft.replaceConfirmation.trim() !== String(serial) ? replace.serialDifferent : undefined}
          onChange={(event) => change({ replaceConfirmation: event.currentTarget.value })}
        />
      )}
    </>
  );
}
