/** A problem in the place of the content it stops: what happened, what to do, a button that does it, Details beneath. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Failure } from '../../core/failures.ts';
import { appFacts, useLive } from '../bridge.ts';
import { actionFor, cureCommand, failureDetails, wordFailure, type FailureAction } from '../messages/failures.ts';
import { useMessages } from '../messages/language.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icons.tsx';
import styles from './problem-panel.module.css';

/** What the screen can do about a problem; an action that is not here gets no button. */
export type ProblemActions = { readonly [Action in Exclude<FailureAction, null>]?: (() => void) | undefined };

interface ProblemPanelProps {
  readonly failure: Failure;
  readonly actions?: ProblemActions;
  /** Words of the retry button, where "Try again" is not what it does. */
  readonly retryLabel?: string;
  readonly isBusy?: boolean;
  readonly children?: ReactNode;
}

export function ProblemPanel({ failure, actions = {}, retryLabel, isBusy = false, children }: ProblemPanelProps) {
  const { failures, problem, app } = useMessages();
  const platform = useLive(appFacts)?.platform ?? '';
  const words = wordFailure(failure, failures);
  const command = cureCommand(failure, platform);
  const action = actionFor(failure);
  const act = action === null ? undefined : actions[action];
  const labels = { restart: problem.restart, retry: retryLabel ?? app.tryAgain, 'name-authority': problem.nameAuthority, 'sign-in': problem.signIn };

  return (
    <section className={styles.panel} role="alert">
      <div className={styles.head}>
        <span className={styles.icon}>
          <Icon name="stop" size={24} />
        </span>
        <div>
          <h2 className={styles.what}>{words.what}</h2>
          <p className={styles.todo}>{words.todo}</p>
        </div>
      </div>
      {command !== null && (
        <div className={styles.command}>
          <span className={styles.commandLabel}>{problem.command}</span>
          <code>{command}</code>
          <CopyButton text={command} />
        </div>
      )}
      {children}
      {action !== null && act !== undefined && (
        <div>
          <Button onClick={act} loading={isBusy}>
            {labels[action]}
          </Button>
        </div>
      )}
      <FailureDetails failure={failure} />
    </section>
  );
}

/** Folded: for the curious, and for whoever helps them. */
export function FailureDetails({ failure }: { readonly failure: Failure }) {
  const { app } = useMessages();
  const details = failureDetails(failure);
  return (
    <details className={styles.details}>
      <summary>{app.details}</summary>
      <pre className={styles.pre} tabIndex={0}>
        {details}
      </pre>
      <CopyButton text={details} />
    </details>
  );
}
