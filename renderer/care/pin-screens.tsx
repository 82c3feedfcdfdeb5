/** The PIN: try whether it is right, change it, set a new one with the PUK. */
import { useState } from 'react';
import { brokenLengthRule, brokenRule, FACTORY_PIN, FACTORY_PUK, pinRulesOf } from '../../core/key-care/pin-rules.ts';
import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { NewSecret } from '../secrets/new-secret.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { Notice } from '../ui/notice.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { keyInHand } from './key-in-hand.ts';
import { lockForm } from './lock-form.ts';
import { useAttempts } from './use-attempts.ts';
import { useCareWork } from './use-care-work.ts';
import forms from '../ui/form.module.css';

export function CheckPin({ room }: { readonly room: CareRoom }) {
  const { care } = useMessages();
  const { facts, acts } = room;
  const texts = care.pin.check;
  const work = useCareWork<null>();
  const [pin, setPin] = useState('');
  const attempts = useAttempts('pin', facts, work.failure);
  const submit = (): void => {
    work.send(() => call('care.verifyPin', { ...keyInHand(facts), pin }));
    setPin('');
  };
  if (work.outcome !== null) return <CareDone title={texts.done} hint={texts.doneHint} acts={acts} />;
  if (attempts.attemptsLeft === 0) return <BlockedSecret title={texts.title} which="PIN" room={room} />;
  return (
    <CareForm
      room={room}
      work={work}
      title={texts.title}
      lead={texts.lead}
      interrupted={care.interrupted['check-pin']}
      submitLabel={texts.submit}
      isComplete={brokenLengthRule(pin) === null}
      onSubmit={submit}
      onKeyGone={() => setPin('')}
    >
      {(isTried) => <PresentSecret which="PIN" label={texts.field} value={pin} onChange={setPin} attempts={attempts} isTried={isTried} />}
    </CareForm>
  );
}

export function ChangePin({ room }: { readonly room: CareRoom }) {
  return <NewPin room={room} opener="PIN" />;
}

export function UnblockPin({ room }: { readonly room: CareRoom }) {
  return <NewPin room={room} opener="PUK" />;
}

const nothingTyped = { current: '', newPin: '', newPinAgain: '' };

/** A new PIN, opened by the present one or by the PUK. */
function NewPin({ room, opener }: { readonly room: CareRoom; readonly opener: 'PIN' | 'PUK' }) {
  const { care, enrollment } = useMessages();
  const { facts, acts } = room;
  const texts = opener === 'PIN' ? care.pin.change : care.pin.unblock;
  const work = useCareWork<null>();
  const [typed, setTyped] = useState(nothingTyped);
  const openerFacts = opener === 'PIN' ? facts.pin : facts.puk;
  const attempts = useAttempts(opener === 'PIN' ? 'pin' : 'puk', facts, work.failure);
  const isBlocked = opener === 'PUK' && facts.pin.attemptsLeft === 0;
  const title = isBlocked ? care.pin.unblock.titleBlocked : texts.title;
  // The key itself says that the factory value still holds: it is used, not tried.
  const isFactory = openerFacts.isFactory === true;
  // A lock that is computed from the PIN cannot be opened any more once the PIN is set without the old one.
  const loses = opener === 'PUK' && lockForm(facts.managementKey) === 'derived';
  const rules = pinRulesOf(facts);
  const isNewFine = brokenRule('PIN', typed.newPin, rules) === null && typed.newPin === typed.newPinAgain;
  const change = (part: Partial<typeof typed>): void => setTyped({ ...typed, ...part });
  const submit = (): void => {
    const { current, newPin } = typed;
    if (opener === 'PIN') work.send(() => call('care.changePin', { ...keyInHand(facts), currentPin: isFactory ? FACTORY_PIN : current, newPin }));
    else work.send(() => call('care.unblockPin', { ...keyInHand(facts), puk: isFactory ? FACTORY_PUK : current, newPin }));
    setTyped(nothingTyped);
  };

  if (work.outcome !== null) return <CareDone title={texts.done} hint={texts.doneHint} acts={acts} />;
  if (attempts.attemptsLeft === 0) return <BlockedSecret title={title} which={opener} room={room} />;
  return (
    <CareForm
      room={room}
      work={work}
      title={title}
      lead={isFactory ? undefined : texts.lead}
      interrupted={care.interrupted[opener === 'PIN' ? 'change-pin' : 'unblock-pin']}
      submitLabel={texts.submit}
      isComplete={isNewFine && (isFactory || brokenLengthRule(typed.current) === null)}
      onSubmit={submit}
      onKeyGone={() => setTyped(nothingTyped)}
      beneath={isBlocked && !isFactory ? <p className={forms.soft}>{care.pin.unblock.noPuk}</p> : undefined}
    >
      {(isTried) => (
        <>
          {isFactory ? (
            <Notice tone="calm">{texts.factory}</Notice>
          ) : (
            <PresentSecret which={opener} label={texts.current} value={typed.current} onChange={(current) => change({ current })} attempts={attempts} isTried={isTried} />
          )}
          {loses && (
            <Notice tone="red" icon="warning" title={care.losses.managementKey}>
              <p>{care.pin.unblock.losesLock}</p>
            </Notice>
          )}
          <NewSecret
            which="PIN"
            label={enrollment.pin.new}
            repeatLabel={enrollment.pin.repeat}
            value={typed.newPin}
            repeated={typed.newPinAgain}
            rules={rules}
            onChange={(newPin) => change({ newPin })}
            onRepeat={(newPinAgain) => change({ newPinAgain })}
            isTried={isTried}
          />
        </>
      )}
    </CareForm>
  );
}
