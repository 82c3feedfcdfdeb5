/** A problem in the place of the content it stops: what happened, what to do, a button that does it, Details beneath. */
import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Failure } from '../../core/failures.ts';
import { appFacts, call, useLive } from '../bridge.ts';
import { actionFor, cureCommand, failureDetails, wordFailure, type FailureAction } from '../messages/failures.ts';
import { useMessages } from '../messages/language.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icons.tsx';
import styles from './problem-panel.module.css';

/** What the screen can do about a problem; an action that is not here gets no button. */
export type ProblemActions = { readonly [Action in Exclude<FailureAction, 'release' | null>]?: (() => void) | undefined };

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
  const act = action === null || action === 'release' ? undefined : actions[action];
  const labels = {
    restart: problem.restart,
    retry: retryLabel ?? app.tryAgain,
    'name-authority': problem.nameAuthority,
    'sign-in': problem.signIn,
    'unblock-pin': problem.unblock,
    lock: problem.lock,
    release: problem.release,
  };

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
      {action === 'release' && <Release onRetry={actions.retry} />}
      {command !== null && (
        <div className={styles.command}>
          <span className={styles.commandLabel}>{action === 'release' ? problem.orCommand : problem.command}</span>
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

interface ReleaseProps {
  /** Where the screen does not go on by itself. */
  readonly onRetry: (() => void) | undefined;
}

/** Asks the program that keeps the key to let it go; what comes of it is told where it was asked for. */
function Release({ onRetry }: ReleaseProps) {
  const { problem, failures, app } = useMessages();
  const [asked, setAsked] = useState<'not-yet' | 'asking' | 'asked' | Failure>('not-yet');
  const ask = async (): Promise<void> => {
    setAsked('asking');
    const answer = await call('keys.releaseHolder', {});
    setAsked(answer.ok ? 'asked' : answer.failure);
  };
  const words = typeof asked === 'string' ? null : wordFailure(asked, failures);
  return (
    <>
      <div className={styles.buttons}>
        <Button onClick={() => void ask()} loading={asked === 'asking'}>
          {problem.release}
        </Button>
        {onRetry !== undefined && (
          <Button variant="light" onClick={onRetry}>
            {app.tryAgain}
          </Button>
        )}
      </div>
      <p role="status" className={styles.asked}>
        {asked === 'asked' ? problem.released : words === null ? '' : `${words.what} ${words.todo}`}
      </p>
    </>
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
