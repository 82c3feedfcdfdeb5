/** The steps of an enrollment as a list that stays on the screen: ticks for the past, one mark for the present. */
import { useEffect, useState } from 'react';
import type { StepProgress } from '../../core/enrollment/state.ts';
import { useMessages } from '../messages/language.tsx';
import { Icon } from './icons.tsx';
import styles from './step-list.module.css';

/** A time is shown only where a step takes longer than this. */
const QUIET_SECONDS = 3;

export function StepList({ steps, label }: { readonly steps: readonly StepProgress[]; readonly label: string }) {
  const { enrollment } = useMessages();
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map((step) => (
        <li key={step.id} className={styles.step} data-state={step.state} aria-current={step.state === 'working' || step.state === 'waiting' ? 'step' : undefined}>
          <span className={styles.mark}>
            {step.state === 'done' && <Icon name="check" size={14} />}
            {step.state === 'stopped' && <span className={styles.bar} />}
          </span>
          <span className={styles.name}>{enrollment.steps[step.id].name}</span>
          <span className="visually-hidden">({enrollment.stepStates[step.state]})</span>
          {step.state === 'working' && step.since !== null && <Elapsed since={step.since} />}
        </li>
      ))}
    </ol>
  );
}

/** How long it takes already; nothing in the first seconds. */
function Elapsed({ since }: { readonly since: Date }) {
  const { app } = useMessages();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - since.getTime()) / 1000);
  return seconds > QUIET_SECONDS ? (
    <span className={styles.elapsed} aria-hidden="true">
      {app.seconds(seconds)}
    </span>
  ) : null;
}
