import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { lockForm, type LockForm } from './lock-form.ts';
import { SettingsAccessFields, useSettingsAccess } from './settings-access.tsx';
import { useCareWork } from './use-care-work.ts';
import forms from '../ui/form.module.css';
import styles from './care.module.css';

/** Forms in which the settings are as safe as the PIN. */
const GOOD: readonly LockForm[] = ['protected'];
/** Forms that say nothing bad, as long as nothing is known. */
const CALM: readonly LockForm[] = ['not-told'];

/** What guards the settings of the key, and the one thing to do with it: a new random code in its place. */
export function LockScreen({ room }: { readonly room: CareRoom }) {
  const { care, app } = useMessages();
  const { facts, acts } = room;
  const texts = care.lock;
  const work = useCareWork<null>();
  const access = useSettingsAccess(room, work.failure, 'factory-pin-if-told');
  const form = access.needsCode ? 'unknown' : lockForm(facts.managementKey);
  const { state, text } = texts.forms[form];
  const submit = (): void => {
    const { args } = access;
    work.send(() => call('care.rotateManagementKey', args));
    access.clear();
  };

  if (work.outcome !== null) return <CareDone title={texts.done} hint={texts.doneHint} acts={acts} />;
  if (access.attempts.attemptsLeft === 0) return <BlockedSecret title={texts.title} which="PIN" room={room} />;
  return (
    <CareForm
      room={room}
      work={work}
      title={texts.title}
      lead={texts.lead}
      interrupted={care.interrupted.lock}
      submitLabel={texts.submit}
      isComplete={access.isComplete}
      onSubmit={submit}
      onKeyGone={access.clear}
      beneath={
        <details className={styles.fold}>
          <summary>{app.details}</summary>
          <p>
            {texts.algorithm}: {facts.managementKey.algorithm}
          </p>
        </details>
      }
    >
      {(isTried) => (
        <>
          <Notice tone={GOOD.includes(form) ? 'good' : CALM.includes(form) ? 'calm' : 'brass'} title={state}>
            <p>{text}</p>
            {form === 'unknown' && (
              <ul className={forms.losses}>
                <li>{texts.unknownCan}</li>
                <li>{texts.unknownCannot}</li>
              </ul>
            )}
          </Notice>
          <SettingsAccessFields room={room} access={access} label={texts.pin} isTried={isTried} />
        </>
      )}
    </CareForm>
  );
}
