/** Starting over: what is lost by name, agreed to by typing the serial; after an interruption, what is left, or keeping the key. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ConditionView } from '../../core/ipc.ts';
import type { WayOut } from '../../core/key-care/ways-out.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { Stage } from '../ui/stage.tsx';
import { CareDone } from './care-done.tsx';
import { CareForm } from './care-form.tsx';
import type { CareRoom } from './care-room.ts';
import { Losses } from './losses.tsx';
import { useCareWork } from './use-care-work.ts';
import type { Inventory } from './use-inventory.ts';
import forms from '../ui/form.module.css';
import styles from './care.module.css';

interface ResetProps {
  readonly room: CareRoom;
  readonly inventory: Inventory;
}

export function Reset({ room, inventory }: ResetProps) {
  const { care } = useMessages();
  const formats = useFormats();
  const { facts, acts } = room;
  const texts = care.reset;
  const work = useCareWork<null>();
  const [typed, setTyped] = useState('');
  const confirmation = facts.serial === null ? texts.word : String(facts.serial);
  const isConfirmed = typed.trim() === confirmation;
  const unfinished = room.conditions.find(({ condition }) => condition.kind === 'reset-unfinished');
  const submit = (): void => {
    setTyped('');
    work.send(() => call('care.reset', { readerName: facts.readerName, serial: facts.serial }));
  };

  if (work.outcome !== null) return <CareDone title={texts.done} hint={texts.doneHint} acts={acts} next={{ label: texts.enroll, onNext: acts.onEnroll }} />;
  if (work.isBusy) {
    return (
      <Screen title={texts.workingTitle} lead={texts.working}>
        <Stage>
          <KeyDrawing form={facts.formFactor} light="on" />
        </Stage>
      </Screen>
    );
  }
  const isUnfinished = unfinished?.condition.kind === 'reset-unfinished';
  return (
    <CareForm
      room={room}
      work={work}
      title={isUnfinished ? texts.unfinished.title : texts.title}
      lead={isUnfinished ? (keepingWay(unfinished) === undefined ? texts.unfinished.leadOver : texts.unfinished.lead)(formats.relative(unfinished.condition.startedAt)) : texts.lead}
      interrupted={care.interrupted.reset}
      submitLabel={isUnfinished ? texts.unfinished.submit : texts.submit}
      isLoss
      isComplete={isConfirmed}
      onSubmit={submit}
      onKeyGone={() => setTyped('')}
    >
      {(isTried) => (
        <>
          {isUnfinished && <WhatIsLeft view={unfinished} facts={facts} room={room} />}
          <Losses inventory={inventory} />
          <TextInput
            label={facts.serial === null ? texts.typeWord(texts.word) : texts.typeSerial(confirmation)}
            value={typed}
            inputMode={facts.serial === null ? 'text' : 'numeric'}
            autoComplete="off"
            size="md"
            error={isTried && !isConfirmed ? (facts.serial === null ? texts.differentWord : texts.different) : undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </>
      )}
    </CareForm>
  );
}

/** While the PIN or the PUK still opens it, the key can be kept. */
function keepingWay({ waysOut }: ConditionView): WayOut | undefined {
  return waysOut.find(({ act }) => act === 'enter-pin' || act === 'unblock-pin');
}

interface WhatIsLeftProps {
  readonly view: ConditionView;
  readonly facts: SecurityKeyFacts;
  readonly room: CareRoom;
}

/** How far the reset came, and the way back while there is one. */
function WhatIsLeft({ view, facts, room }: WhatIsLeftProps) {
  const { care } = useMessages();
  const texts = care.reset.unfinished;
  const steps = [
    { name: texts.blockPin, isDone: facts.pin.attemptsLeft === 0 },
    { name: texts.blockPuk, isDone: facts.puk.attemptsLeft === 0 },
    { name: texts.reset, isDone: false },
  ];
  const keeping = keepingWay(view);
  return (
    <>
      <section>
        <h2 className={forms.section}>{texts.left}</h2>
        <ol className={styles.left}>
          {steps.map(({ name, isDone }) => (
            <li key={name} data-done={isDone || undefined}>
              <span className={styles.leftMark}>{isDone && <Icon name="check" size={13} />}</span>
              {name}
              {isDone && <span className="visually-hidden">, {texts.isDone}</span>}
            </li>
          ))}
        </ol>
      </section>
      {keeping !== undefined && (
        <Notice tone="calm" icon="key" title={texts.keep}>
          <p>{keeping.act === 'enter-pin' ? texts.keepPin : texts.keepPuk}</p>
          <div className={forms.actions}>
            <Button variant="light" onClick={() => room.acts.onWay(keeping)}>
              {keeping.act === 'enter-pin' ? care.keepByPin : care.keepByPuk}
            </Button>
          </div>
        </Notice>
      )}
    </>
  );
}
