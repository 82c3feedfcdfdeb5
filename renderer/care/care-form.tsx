/** One act of care on one screen: the form, and what went wrong with it. */
import { Button } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { KeyAway } from '../key/key-away.tsx';
import { useMessages } from '../messages/language.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { BlockedSecret } from './blocked-secret.tsx';
import type { CareRoom } from './care-room.ts';
import { placeOf } from './failure-place.ts';
import type { CareWork } from './use-care-work.ts';
import forms from '../ui/form.module.css';

export interface CareFormProps<Value> {
  readonly room: CareRoom;
  readonly work: CareWork<Value>;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly over?: ReactNode;
  /** Esc and Back; out of this screen unless told. */
  readonly onBack?: (() => void) | undefined;
  /** What is to be said when it was cut off in the middle. */
  readonly interrupted: string;
  readonly submitLabel: string;
  /** Only a loss is red. */
  readonly isLoss?: boolean;
  /** Everything that is asked for is there. */
  readonly isComplete: boolean;
  /** Called with a complete form and a key that is plugged in. */
  readonly onSubmit: () => void;
  /** Secrets that were typed go when the key goes: another hand may plug it in again. */
  readonly onKeyGone: () => void;
  /** The fields; `isTried`: the person tried to go on, so what is missing may be said. */
  readonly children: (isTried: boolean) => ReactNode;
  /** Beneath the main button. */
  readonly beneath?: ReactNode;
}

export function CareForm<Value>(props: CareFormProps<Value>) {
  const { room, work, title, lead, over, onBack = room.acts.onBack, interrupted } = props;
  const { care } = useMessages();
  const { failure } = work;
  const place = failure === null ? null : placeOf(failure);
  const clear = useEffectEvent(props.onKeyGone);
  const { isPresent } = room.securityKey;
  useEffect(() => {
    if (!isPresent) clear();
  }, [isPresent]);

  if (failure !== null && place === 'blocked') {
    return <BlockedSecret title={title} which={failure.kind === 'pin-blocked' ? 'PIN' : 'PUK'} room={room} onBack={onBack} />;
  }
  if (failure !== null && place === 'panel') {
    return (
      <Screen key="problem" title={title} onBack={onBack}>
        <ProblemPanel failure={failure} actions={{ ...room.acts.problemActions, retry: work.dismiss }} />
      </Screen>
    );
  }
  return (
    // Another screen than the problem's: each takes the focus when it comes, for what had it is gone.
    <Screen key="form" title={title} lead={lead} over={over} onBack={onBack}>
      {place === 'interrupted' && (
        <Notice tone="brass" title={care.interrupted.title} isAlert>
          <p>{interrupted}</p>
        </Notice>
      )}
      {failure !== null && place === 'fields' && <FormProblem problem={failure} />}
      <Form {...props} />
    </Screen>
  );
}

function Form<Value>({ room, work, submitLabel, isLoss = false, isComplete, onSubmit, children, beneath }: CareFormProps<Value>) {
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const { failure } = work;
  const { isPresent, obstacle } = room.securityKey;

  // What is missing takes the focus, so that it is found by those who do not see it; so does the field to correct.
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries]);
  useEffect(() => {
    if (failure === null) return;
    setTries(0);
    form.current?.querySelector<HTMLElement>('input')?.focus();
  }, [failure]);

  return (
    <form
      ref={form}
      className={forms.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isComplete) setTries(tries + 1);
        else if (isPresent) onSubmit();
      }}
    >
      <KeyAway securityKey={room.securityKey} />
      {obstacle === null && children(tries > 0)}
      {obstacle === null && (
        <div className={`sticky-actions ${forms.actions}`}>
          <Button type="submit" size="md" {...(isLoss ? { color: 'red' } : {})} loading={work.isBusy} disabled={!isPresent}>
            {submitLabel}
          </Button>
        </div>
      )}
      {beneath}
    </form>
  );
}
