import { Checkbox, Radio, TextInput } from '@mantine/core';
import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import type { FollowedKey } from '../key/followed-key.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { subjectName } from '../messages/subject-name.ts';
import { Notice } from '../ui/notice.tsx';
import { RadioChoices } from '../ui/radio-choices.tsx';
import { isKeepingOldKey, type EnrollmentDraft } from './draft.ts';
import type { PageProps } from './questions.tsx';
import forms from '../ui/form.module.css';

/** Said by a key whose serial cannot be read. */
const YES = 'yes';

export function isReplaceConfirmed(questions: EnrollmentQuestions, draft: EnrollmentDraft, { facts }: FollowedKey): boolean {
  return isKeepingOldKey(questions, draft) || draft.replaceConfirmation.trim() === String(facts?.serial ?? YES);
}

/** Names what is there. Where the key can move it aside nothing is lost, and that is proposed. */
export function ReplacePage(props: PageProps) {
  const { enrollment } = useMessages();
  const { replace } = enrollment;
  const { questions, draft, change } = props;
  const isKept = isKeepingOldKey(questions, draft);
  return (
    <>
      {questions.replaces?.canKeep === true && (
        <RadioChoices name={replace.title} value={isKept ? 'keep' : 'replace'} onChange={(value) => change({ keepsOldKey: value === 'keep', replaceConfirmation: '' })}>
          <div className={forms.radios}>
            <Radio value="keep" label={replace.keep} description={replace.keepHint} />
            <Radio value="replace" label={replace.replace} description={replace.replaceHint} />
          </div>
        </RadioChoices>
      )}
      {isKept ? (
        <Notice tone="calm" icon="key" title={replace.kept}>
          <OldContents {...props} />
        </Notice>
      ) : (
        <>
          <Notice tone="red" icon="warning" title={replace.lost}>
            <OldContents {...props} />
          </Notice>
          <Agreement {...props} />
        </>
      )}
    </>
  );
}

function OldContents({ questions }: PageProps) {
  const { enrollment } = useMessages();
  const { replace } = enrollment;
  const formats = useFormats();
  const { certificateSubject = null, certificateExpiresAt = null } = questions.replaces ?? {};
  const expiry =
    certificateExpiresAt === null
      ? null
      : (certificateExpiresAt.getTime() < Date.now() ? replace.expired : replace.expires)(formats.date(certificateExpiresAt), formats.relative(certificateExpiresAt));
  return (
    <ul className={forms.losses}>
      <li>
        {certificateSubject === null ? replace.unnamed : replace.certificate(subjectName(certificateSubject))}
        {expiry !== null && `, ${expiry}`}
      </li>
      {certificateSubject !== null && <li>{replace.secret}</li>}
    </ul>
  );
}

/** The confirming act is to type the serial, so that it is slow and about this key. */
function Agreement({ securityKey, draft, change, isTried }: PageProps) {
  const { enrollment } = useMessages();
  const { replace } = enrollment;
  const serial = securityKey.facts?.serial ?? null;
  if (serial === null) {
    return (
      <Checkbox
        label={replace.agree}
        checked={draft.replaceConfirmation === YES}
        error={isTried && draft.replaceConfirmation !== YES}
        aria-invalid={isTried && draft.replaceConfirmation !== YES}
        onChange={(event) => change({ replaceConfirmation: event.currentTarget.checked ? YES : '' })}
      />
    );
  }
  return (
    <TextInput
      label={replace.typeSerial(serial)}
      value={draft.replaceConfirmation}
      inputMode="numeric"
      autoComplete="off"
      size="md"
      error={isTried && draft.replaceConfirmation.trim() !== String(serial) ? replace.serialDifferent : undefined}
      onChange={(event) => change({ replaceConfirmation: event.currentTarget.value })}
    />
  );
}
