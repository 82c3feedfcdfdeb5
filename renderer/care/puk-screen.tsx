import { useCallback, useState } from 'react';
import { brokenLengthRule, FACTORY_PUK, pinRulesOf } from '../../core/key-care/pin-rules.ts';
import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { chosenOf, emptyPukDraft, isPukDraftComplete, newPukOf, type PukChoice, type PukDraft } from '../secrets/puk-draft.ts';
import { NewPuk, PukChoices } from '../secrets/puk-fields.tsx';
import { Notice } from '../ui/notice.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { keyInHand } from './key-in-hand.ts';
import { useAttempts } from './use-attempts.ts';
import { useCareWork } from './use-care-work.ts';

const OFFERED: readonly PukChoice[] = ['generate', 'own'];

/** What is typed goes; a PUK that was made here stays, for it may be on paper already. */
function withoutTyped(draft: PukDraft): PukDraft {
  return { ...draft, currentPuk: '', newPuk: '', newPukAgain: '' };
}

export function ChangePuk({ room }: { readonly room: CareRoom }) {
  const { care } = useMessages();
  const { facts, acts } = room;
  const texts = care.puk;
  const work = useCareWork<null>();
  const [draft, setDraft] = useState(emptyPukDraft);
  const change = useCallback((part: Partial<PukDraft>) => setDraft((before) => ({ ...before, ...part })), []);
  const attempts = useAttempts('puk', facts, work.failure);
  const isFactory = facts.puk.isFactory === true;
  const rules = pinRulesOf(facts);
  const choice = chosenOf(OFFERED, draft);
  const submit = (): void => {
    const currentPuk = isFactory ? FACTORY_PUK : draft.currentPuk;
    work.send(() => call('care.changePuk', { ...keyInHand(facts), currentPuk, newPuk: newPukOf(choice, draft) ?? '' }));
    setDraft(withoutTyped);
  };

  if (work.outcome !== null) return <CareDone title={texts.done} hint={texts.doneHint} acts={acts} />;
  if (attempts.attemptsLeft === 0) return <BlockedSecret title={texts.title} which="PUK" room={room} />;
  return (
    <CareForm
      room={room}
      work={work}
      title={texts.title}
      lead={texts.lead}
      interrupted={care.interrupted['change-puk']}
      submitLabel={texts.submit}
      isComplete={isPukDraftComplete(choice, draft, rules) && (isFactory || brokenLengthRule(draft.currentPuk) === null)}
      onSubmit={submit}
      onKeyGone={() => setDraft(withoutTyped)}
    >
      {(isTried) => (
        <>
          {isFactory ? (
            <Notice tone="calm">{texts.factory}</Notice>
          ) : (
            <PresentSecret which="PUK" label={texts.current} value={draft.currentPuk} onChange={(currentPuk) => change({ currentPuk })} attempts={attempts} isTried={isTried} />
          )}
          <PukChoices offered={OFFERED} draft={draft} change={change} />
          <NewPuk choice={choice} draft={draft} change={change} rules={rules} model={facts.model} serial={facts.serial} isTried={isTried} />
        </>
      )}
    </CareForm>
  );
}
