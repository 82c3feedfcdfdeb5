import { canRetireKey } from '../../core/key-care/ways-out.ts';
import type { RetiredSlot } from '../../core/piv-slots.ts';
import { formatFirmware } from '../../core/security-key.ts';
import { glanceAtCertificate } from '../../core/x509/certificate-glance.ts';
import { call } from '../bridge.ts';
import { nameCertificate } from '../messages/condition-words.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { SettingsAccessFields, useSettingsAccess } from './settings-access.tsx';
import { useCareWork } from './use-care-work.ts';
import { placeName } from './words-of-place.ts';
import forms from '../ui/form.module.css';

/** Secret and certificate make room for new ones, and stay readable (firmware 5.7). */
export function Retire({ room }: { readonly room: CareRoom }) {
  const { care, keyTypes } = useMessages();
  const formats = useFormats();
  const { facts, acts } = room;
  const texts = care.retire;
  const work = useCareWork<RetiredSlot>();
  const access = useSettingsAccess(room, work.failure, 'factory-pin-if-told');
  const { keyPair, certificate } = facts.authentication;
  // Cut off in the middle: the key pair is in its new place already, and what 9a still shows is a copy.
  const isUnfinished = facts.movedTo !== null;
  const glance = certificate === null ? null : glanceAtCertificate(certificate);
  const submit = (): void => {
    const { args } = access;
    work.send(() => call('care.retireKey', args));
    access.clear();
  };

  if (work.outcome !== null) {
    const place = placeName(work.outcome.value, care.inventory);
    return <CareDone title={texts.done} hint={texts.doneHint(place)} acts={acts} next={{ label: texts.enroll, onNext: acts.onEnroll }} />;
  }
  if (!canRetireKey(facts) || (keyPair === null && !isUnfinished)) {
    return <Screen title={texts.title} lead={canRetireKey(facts) ? texts.empty : texts.unsupported(formatFirmware(facts.firmware))} onBack={acts.onBack} />;
  }
  if (access.attempts.attemptsLeft === 0) return <BlockedSecret title={texts.title} which="PIN" room={room} />;
  return (
    <CareForm
      room={room}
      work={work}
      title={isUnfinished ? texts.unfinished.title : texts.title}
      lead={isUnfinished ? texts.unfinished.lead : texts.lead}
      interrupted={care.interrupted.retire}
      submitLabel={isUnfinished ? texts.unfinished.submit : texts.submit}
      isComplete={access.isComplete}
      onSubmit={submit}
      onKeyGone={access.clear}
    >
      {(isTried) => (
        <>
          <Notice tone="calm" title={isUnfinished ? texts.unfinished.left : texts.now}>
            <ul className={forms.losses}>
              {glance !== null && (
                <li>
                  {nameCertificate(glance, care)}, {care.inventory.until(formats.date(glance.validTo), formats.relative(glance.validTo))}
                </li>
              )}
              {keyPair !== null && <li>{texts.secret(keyTypes[keyPair.keyType])}</li>}
            </ul>
            <p>{texts.nothingLost}</p>
          </Notice>
          <SettingsAccessFields room={room} access={access} label={texts.pin} isTried={isTried} />
        </>
      )}
    </CareForm>
  );
}
