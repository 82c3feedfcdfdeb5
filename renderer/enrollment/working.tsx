import type { StepProgress } from '../../core/enrollment/state.ts';
import type { FollowedKey } from '../key/followed-key.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { Stage } from '../ui/stage.tsx';
import { StepList } from '../ui/step-list.tsx';
import styles from './enrollment.module.css';

export function presentStep(steps: readonly StepProgress[]): StepProgress | undefined {
  return steps.find((step) => step.state === 'working' || step.state === 'waiting');
}

export function stepSentence(step: StepProgress, texts: Messages['enrollment']['steps']): string {
  return step.state === 'waiting' ? texts[step.id].waiting : texts[step.id].working;
}

interface WorkingProps {
  readonly steps: readonly StepProgress[];
  readonly securityKey: FollowedKey;
  readonly onLeave: () => void;
}

/** The machine works, or the key waits for a finger; the two never look the same. */
export function Working({ steps, securityKey, onLeave }: WorkingProps) {
  const { enrollment, drawing } = useMessages();
  const step = presentStep(steps);
  const isTouch = step?.state === 'waiting' && step.id !== 'approval';
  const sentence = step === undefined ? enrollment.working.keep : stepSentence(step, enrollment.steps);
  return (
    <Screen title={enrollment.working.title} lead={enrollment.working.keep} onBack={onLeave} aside={<StepList steps={steps} label={enrollment.stepsLabel} />}>
      <Stage isTouch={isTouch}>
        <KeyDrawing
          form={securityKey.facts?.formFactor ?? null}
          light={isTouch ? 'blinking' : 'on'}
          {...(securityKey.facts === null ? {} : { label: drawing.key(securityKey.facts.model) })}
        />
      </Stage>
      {isTouch ? (
        <Notice tone="brass" icon="person" title={enrollment.working.touchTitle}>
          <p>{sentence}</p>
        </Notice>
      ) : (
        <p className={styles.sentence}>{sentence}</p>
      )}
    </Screen>
  );
}
