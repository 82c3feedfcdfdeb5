import type { PivSlot } from '../../core/piv-slots.ts';
import { call } from '../bridge.ts';
import { nameCertificate } from '../messages/condition-words.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { InventoryMissing } from './inventory-screen.tsx';
import { SettingsAccessFields, useSettingsAccess } from './settings-access.tsx';
import { useCareWork } from './use-care-work.ts';
import type { Inventory } from './use-inventory.ts';
import { holderOf } from './words-of-place.ts';
import forms from '../ui/form.module.css';

interface DeleteCertificateProps {
  readonly room: CareRoom;
  readonly inventory: Inventory;
  readonly slot: PivSlot;
}

/** Says what is lost; the PIN agrees to it. */
export function DeleteCertificate({ room, inventory, slot }: DeleteCertificateProps) {
  const { care } = useMessages();
  const formats = useFormats();
  const { acts } = room;
  const texts = care.remove;
  const work = useCareWork<null>();
  const access = useSettingsAccess(room, work.failure, 'typed');
  const view = inventory.slots?.find((each) => each.slot === slot);
  const submit = (): void => {
    const { args } = access;
    work.send(() => call('care.deleteCertificate', { ...args, slot }));
    access.clear();
  };

  if (work.outcome !== null) {
    const leave = (): void => {
      inventory.reload();
      acts.onBack();
    };
    return <CareDone title={texts.done} hint={texts.doneHint} acts={{ ...acts, onBack: leave }} />;
  }
  if (inventory.slots === null) return <InventoryMissing title={texts.title} room={room} inventory={inventory} />;
  if (access.attempts.attemptsLeft === 0) return <BlockedSecret title={texts.title} which="PIN" room={room} />;
  const { certificate } = view ?? { certificate: null };
  const isReadable = certificate !== null && certificate !== 'unreadable';
  const named = nameCertificate({ subject: view === undefined ? null : holderOf(view) }, care);
  return (
    <CareForm
      room={room}
      work={work}
      title={texts.title}
      lead={texts.lead}
      interrupted={care.interrupted.delete}
      submitLabel={texts.submit}
      isLoss
      isComplete={access.isComplete}
      onSubmit={submit}
      onKeyGone={access.clear}
    >
      {(isTried) => (
        <>
          <Notice tone="red" icon="warning" title={texts.lost}>
            <ul className={forms.losses}>
              <li>{isReadable ? texts.certificate(named, care.inventory.until(formats.date(certificate.validTo), formats.relative(certificate.validTo))) : texts.unreadable}</li>
            </ul>
            {isReadable && <p>{texts.use}</p>}
          </Notice>
          <SettingsAccessFields room={room} access={access} label={texts.pin} isTried={isTried} />
        </>
      )}
    </CareForm>
  );
}
