/** One enrollment on the screen: whatever state it is in, that state has its screen. */
import '../forms.css';
import { useEffect, useState } from 'react';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import { unreachable } from '../../core/result.ts';
import type { CareScreen } from '../care/care-screen.ts';
import { currentAuthority, useLive } from '../bridge.ts';
import { useFollowedKey } from '../key/followed-key.ts';
import { KeyAway } from '../key/key-away.tsx';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { ProblemPanel, type ProblemActions } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { emptyDraft, keepDraft, keptDraft, withoutSecrets } from './draft.ts';
import { Denied, Done, Stopped } from './outcomes.tsx';
import { Questions } from './questions.tsx';
import { SignByHand } from './sign-by-hand.tsx';
import { renewEnrollment } from './renew-enrollment.ts';
import { useEnrollment } from './use-enrollment.ts';
import { WaitingForApproval } from './waiting.tsx';
import { presentStep, stepSentence, Working } from './working.tsx';

interface EnrollmentRoomProps {
  readonly identity: string;
  readonly onLeave: () => void;
  readonly onNameAuthority: () => void;
  readonly onCare: (screen: CareScreen) => void;
  readonly onBackup: (first: KnownKey) => void;
}

export function EnrollmentRoom({ identity, onLeave, onNameAuthority, onCare, onBackup }: EnrollmentRoomProps) {
  const { enrollment } = useMessages();
  const authority = useLive(currentAuthority);
  const key = useFollowedKey(identity);
  const { state, failure, begin, answer, isBusy } = useEnrollment(key);
  const [draft, setDraft] = useState(() => keptDraft(identity));
  useEffect(() => keepDraft(identity, draft), [identity, draft]);
  useStepAnnouncements(state);

  // What was typed is needed only while there are questions; a PUK already written down waits for the next ones.
  const isOver = state?.kind === 'waiting-for-approval' || state?.kind === 'done' || state?.kind === 'denied';
  useEffect(() => {
    if (isOver) setDraft(emptyDraft);
  }, [isOver]);

  // Who it is for has not changed.
  const renew = (): void => {
    if (key.readerName === null || state?.kind !== 'done') return;
    setDraft({ ...emptyDraft, name: state.certificate.name, email: state.certificate.email });
    void renewEnrollment(key.readerName);
  };
  const actions: ProblemActions = {
    retry: begin,
    'name-authority': onNameAuthority,
    'unblock-pin': () => onCare({ kind: 'unblock-pin' }),
    lock: () => onCare({ kind: 'lock' }),
  };
  if (failure !== null) {
    return (
      <Screen title={enrollment.stopped.title} onBack={onLeave}>
        <ProblemPanel failure={failure} actions={actions} isBusy={isBusy} />
      </Screen>
    );
  }
  switch (state?.kind) {
    case undefined:
    case 'reading':
      return (
        <Screen title={enrollment.title} lead={key.isPresent ? enrollment.reading : enrollment.keyGone} onBack={onLeave}>
          {key.obstacle === null ? (
            <KeyDrawing form={key.facts?.formFactor ?? null} light={key.isPresent ? 'on' : 'off'} isUnplugged={!key.isPresent} />
          ) : (
            <KeyAway securityKey={key} />
          )}
        </Screen>
      );
    case 'asking':
      return (
        <Questions
          state={state}
          securityKey={key}
          draft={draft}
          onDraft={setDraft}
          isBusy={isBusy}
          onAnswer={(answers) => {
            setDraft(withoutSecrets);
            answer(answers);
          }}
          onLeave={onLeave}
        />
      );
    case 'working':
      return <Working steps={state.steps} securityKey={key} onLeave={onLeave} />;
    case 'waiting-for-approval':
      // Without its key nothing can be opened for it: the screen for all CAs says that it may be away.
      if (authority?.protocol === 'by-hand' && key.readerName !== null) return <SignByHand state={state} readerName={key.readerName} onLeave={onLeave} />;
      return <WaitingForApproval state={state} readerName={key.readerName} onLeave={onLeave} />;
    case 'stopped':
      return <Stopped state={state} isBusy={isBusy} actions={actions} onLeave={onLeave} />;
    case 'denied':
      return <Denied state={state} isBusy={isBusy} onAgain={begin} onLeave={onLeave} />;
    case 'done':
      return <Done state={state} securityKey={key} onLeave={onLeave} onBackup={onBackup} onRenew={renew} />;
    default:
      return unreachable(state);
  }
}

/** Tells each new step to those who listen instead of looking. */
function useStepAnnouncements(state: EnrollmentState | undefined): void {
  const { enrollment } = useMessages();
  const step = state?.kind === 'working' ? presentStep(state.steps) : undefined;
  const sentence = step === undefined ? undefined : stepSentence(step, enrollment.steps);
  useEffect(() => {
    if (sentence !== undefined) announce(sentence);
  }, [sentence]);
}
