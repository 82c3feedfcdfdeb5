import { nameCertificate } from '../messages/condition-words.ts';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import type { Inventory } from './use-inventory.ts';
import { lossesOf, placeName, type SlotLoss } from './words-of-place.ts';
import forms from '../ui/form.module.css';

/** What a reset takes, by name. Where the key cannot tell what it holds, that everything goes is all there is to say. */
export function Losses({ inventory }: { readonly inventory: Inventory }) {
  const { care } = useMessages();
  const texts = care.reset;
  if (inventory.slots === null && inventory.failure === null) return <p className={forms.soft}>{texts.looking}</p>;
  return (
    <Notice tone="red" icon="warning" title={texts.lost}>
      <ul className={forms.losses}>
        {inventory.slots === null ? <li>{texts.unknown}</li> : lossesOf(inventory.slots).map((loss) => <LossLine key={loss.slot} loss={loss} />)}
        <li>{texts.codes}</li>
      </ul>
    </Notice>
  );
}

function LossLine({ loss }: { readonly loss: SlotLoss }) {
  const { care } = useMessages();
  const texts = care.reset;
  const place = placeName(loss.slot, care.inventory);
  if (loss.kind === 'secret') return <li>{texts.secret(place)}</li>;
  const named =
    loss.holder === null
      ? loss.hasSecret
        ? texts.unreadableAndSecret
        : texts.unreadable
      : (loss.hasSecret ? texts.certificateAndSecret : texts.certificate)(nameCertificate({ subject: loss.holder }, care));
  return (
    <li>
      {named} <span className={forms.soft}>({place})</span>
    </li>
  );
}
