/** How many wrong entries block PIN and PUK. The key makes both factory values with it, so both are chosen here, and sent together. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ConditionView } from '../../core/ipc.ts';
import { brokenRule, pinRulesOf, type PinRules } from '../../core/key-care/pin-rules.ts';
import { call } from '../bridge.ts';
import { ConditionNotice } from '../key/condition-notice.tsx';
import { KeyAway } from '../key/key-away.tsx';
import { useMessages } from '../messages/language.tsx';
import { NewSecret } from '../secrets/new-secret.tsx';
import { chosenOf, emptyPukDraft, isPukDraftComplete, newPukOf, type PukChoice, type PukDraft } from '../secrets/puk-draft.ts';
import { NewPuk, PukChoices } from '../secrets/puk-fields.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { AttemptsField } from './attempts-field.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { parseAttempts } from './parse-attempts.ts';
import { SettingsAccessFields, useSettingsAccess, type SettingsAccess } from './settings-access.tsx';
import { useCareWork } from './use-care-work.ts';
import forms from '../ui/form.module.css';

const PAGES = ['numbers', 'present', 'new-pin', 'new-puk'] as const;
type Page = (typeof PAGES)[number];
const OFFERED: readonly PukChoice[] = ['generate', 'own'];

interface RetriesDraft extends PukDraft {
  readonly pinAttempts: string;
  readonly pukAttempts: string;
  readonly newPin: string;
  readonly newPinAgain: string;
}

/** What is typed goes; the numbers are no secret, and a PUK that was made here may be on paper already. */
function withoutTyped(draft: RetriesDraft): RetriesDraft {
  return { ...draft, newPin: '', newPinAgain: '', newPuk: '', newPukAgain: '' };
}

function isPageComplete(page: Page, draft: RetriesDraft, access: SettingsAccess, rules: PinRules): boolean {
  switch (page) {
    case 'numbers':
      return parseAttempts(draft.pinAttempts) !== null && parseAttempts(draft.pukAttempts) !== null;
    case 'present':
      return access.isComplete;
    case 'new-pin':
      return brokenRule('PIN', draft.newPin, rules) === null && draft.newPin === draft.newPinAgain;
    case 'new-puk':
      return isPukDraftComplete(chosenOf(OFFERED, draft), draft, rules);
  }
}

function pageToShow(wanted: Page, draft: RetriesDraft, access: SettingsAccess, rules: PinRules): Page {
  return PAGES.slice(0, PAGES.indexOf(wanted)).find((earlier) => !isPageComplete(earlier, draft, access, rules)) ?? wanted;
}

export function Retries({ room }: { readonly room: CareRoom }) {
  const { care, app } = useMessages();
  const { facts, acts } = room;
  const texts = care.retries;
  const work = useCareWork<null>();
  const access = useSettingsAccess(room, work.failure, 'factory-pin-if-told');
  const [draft, setDraft] = useState<RetriesDraft>(() => ({
    ...emptyPukDraft,
    pinAttempts: String(facts.pin.attemptsTotal ?? 3),
    pukAttempts: String(facts.puk.attemptsTotal ?? 3),
    newPin: '',
    newPinAgain: '',
  }));
  const [wanted, setPage] = useState<Page>('numbers');
  const [isAgain, setAgain] = useState(false);
  const rules = pinRulesOf(facts);
  const change = (part: Partial<RetriesDraft>): void => setDraft((before) => ({ ...before, ...part }));
  // What was cleared, because the key was pulled or refused it, is asked for again.
  const page = work.isBusy ? wanted : pageToShow(wanted, draft, access, rules);
  // It stays there until the person goes on: no page turns under somebody who types.
  if (page !== wanted) setPage(page);
  const at = PAGES.indexOf(page);
  const clear = (): void => {
    access.clear();
    setDraft(withoutTyped);
  };
  const send = (): void => {
    const args = {
      ...access.args,
      pinAttempts: parseAttempts(draft.pinAttempts) ?? 3,
      pukAttempts: parseAttempts(draft.pukAttempts) ?? 3,
      newPin: draft.newPin,
      newPuk: newPukOf(chosenOf(OFFERED, draft), draft) ?? '',
    };
    work.send(() => call('care.setRetries', args));
    access.clear();
  };
  const unfinished = room.conditions.find(({ condition }) => condition.kind === 'retries-unfinished');

  if (work.outcome !== null) return <CareDone title={texts.done} hint={texts.doneHint(draft.pinAttempts, draft.pukAttempts)} acts={acts} />;
  if (access.attempts.attemptsLeft === 0) return <BlockedSecret title={texts.title} which="PIN" room={room} />;
  if (unfinished !== undefined && !isAgain && !work.isBusy) return <Unfinished room={room} view={unfinished} onAgain={() => setAgain(true)} />;
  const heading = { numbers: texts, present: texts.present, 'new-pin': texts.newPin, 'new-puk': texts.newPuk }[page];
  return (
    <CareForm
      // Each page begins untried.
      key={page}
      room={room}
      work={work}
      title={heading.title}
      lead={heading.lead}
      over={texts.page(at + 1, PAGES.length)}
      onBack={at === 0 ? acts.onBack : () => setPage(PAGES[at - 1] ?? 'numbers')}
      interrupted={care.interrupted.retries}
      submitLabel={page === 'new-puk' ? texts.submit : app.next}
      isComplete={isPageComplete(page, draft, access, rules)}
      onSubmit={() => {
        const next = PAGES[at + 1];
        if (next === undefined) send();
        else setPage(next);
      }}
      onKeyGone={clear}
    >
      {(isTried) => <Fields page={page} room={room} draft={draft} change={change} access={access} rules={rules} isTried={isTried} />}
    </CareForm>
  );
}

interface UnfinishedProps {
  readonly room: CareRoom;
  readonly view: ConditionView;
  readonly onAgain: () => void;
}

/** After an interruption what is left comes first: PIN and PUK may be what everybody knows. */
function Unfinished({ room, view, onAgain }: UnfinishedProps) {
  const { care } = useMessages();
  return (
    <Screen title={care.list.retries} onBack={room.acts.onBack}>
      <ConditionNotice view={view} onAct={room.acts.onWay} />
      <KeyAway securityKey={room.securityKey} />
      <div className={forms.actions}>
        <Button variant="light" onClick={onAgain}>
          {care.retries.again}
        </Button>
      </div>
    </Screen>
  );
}

interface FieldsProps {
  readonly page: Page;
  readonly room: CareRoom;
  readonly draft: RetriesDraft;
  readonly change: (part: Partial<RetriesDraft>) => void;
  readonly access: SettingsAccess;
  readonly rules: PinRules;
  readonly isTried: boolean;
}

function Fields({ page, room, draft, change, access, rules, isTried }: FieldsProps) {
  const { care, enrollment } = useMessages();
  const texts = care.retries;
  switch (page) {
    case 'numbers':
      return (
        <>
          <AttemptsField label={texts.pin} value={draft.pinAttempts} onChange={(pinAttempts) => change({ pinAttempts })} isTried={isTried} />
          <AttemptsField label={texts.puk} value={draft.pukAttempts} onChange={(pukAttempts) => change({ pukAttempts })} isTried={isTried} />
          <Notice tone="brass" title={texts.warningTitle}>
            <p>{texts.warning}</p>
          </Notice>
        </>
      );
    case 'present':
      return <SettingsAccessFields room={room} access={access} label={texts.present.label} isTried={isTried} />;
    case 'new-pin':
      return (
        <NewSecret
          which="PIN"
          label={enrollment.pin.new}
          repeatLabel={enrollment.pin.repeat}
          value={draft.newPin}
          repeated={draft.newPinAgain}
          rules={rules}
          onChange={(newPin) => change({ newPin })}
          onRepeat={(newPinAgain) => change({ newPinAgain })}
          isTried={isTried}
        />
      );
    case 'new-puk':
      return (
        <>
          <PukChoices offered={OFFERED} draft={draft} change={change} />
          <NewPuk choice={chosenOf(OFFERED, draft)} draft={draft} change={change} rules={rules} model={room.facts.model} serial={room.facts.serial} isTried={isTried} />
        </>
      );
  }
}
