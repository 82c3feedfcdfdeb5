import { Button } from '@mantine/core';
import { useEffect } from 'react';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { formatFirmware, type PresentSecurityKey, type SecurityKeyFacts } from '../../core/security-key.ts';
import { call, rememberEnrollment, useEnrollmentState } from '../bridge.ts';
import type { Messages } from '../messages/en.ts';
import { wordFailure } from '../messages/failures.ts';
import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice, type Tone } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { keyIdentity } from './key-identity.ts';
import { KeyTiles } from './key-tiles.tsx';
import styles from './key.module.css';

interface KeyOverviewProps {
  readonly present: PresentSecurityKey;
  readonly hasAuthority: boolean;
  readonly onOther: (() => void) | undefined;
  readonly onEnroll: (identity: string) => void;
}

/** One key: what it is, whether it is fine, and the one thing to do with it. */
export function KeyOverview({ present, hasAuthority, onOther, onEnroll }: KeyOverviewProps) {
  const { key } = useMessages();
  switch (present.kind) {
    case 'reading':
      return (
        <Screen title={key.reading} lead={key.readingHint} isCentered>
          <KeyDrawing form={null} light="on" />
        </Screen>
      );
    case 'problem':
      return (
        <Screen title={key.title} onBack={onOther} backLabel={key.choose.other} isCentered>
          <ProblemPanel failure={present.failure}>
            <p>{key.recovers}</p>
          </ProblemPanel>
        </Screen>
      );
    case 'ready':
      return <ReadyKey present={present} hasAuthority={hasAuthority} onOther={onOther} onEnroll={onEnroll} />;
  }
}

interface ReadyKeyProps extends KeyOverviewProps {
  readonly present: Extract<PresentSecurityKey, { readonly kind: 'ready' }>;
}

function ReadyKey({ present, hasAuthority, onOther, onEnroll }: ReadyKeyProps) {
  const { key, drawing, enrollment } = useMessages();
  const { facts } = present;
  const state = useStanding(present, hasAuthority);
  const standing = describeStanding(state, key);
  const isBlocked = facts.pin.attemptsLeft === 0;

  return (
    <Screen
      title={facts.model}
      lead={<KeyLine facts={facts} />}
      onBack={onOther}
      backLabel={key.choose.other}
      actions={
        isBlocked ? undefined : (
          <Button size="md" onClick={() => onEnroll(keyIdentity(present))}>
            {standing?.act ?? key.enroll}
          </Button>
        )
      }
    >
      <figure className={styles.figure}>
        <KeyDrawing form={facts.formFactor} light={state?.kind === 'working' ? 'on' : 'off'} label={drawing.key(facts.model)} />
      </figure>
      {isBlocked && <BlockedPin />}
      {standing !== null && !isBlocked && (
        <Notice tone={standing.tone} title={standing.text}>
          {state?.kind === 'waiting-for-approval' && state.offline !== null && <p>{enrollment.waiting.offlineTitle}</p>}
        </Notice>
      )}
      <KeyTiles facts={facts} />
    </Screen>
  );
}

/** Nothing works without the PIN: what cures it takes the place of the main button. */
function BlockedPin() {
  const { failures } = useMessages();
  const words = wordFailure({ kind: 'pin-blocked' }, failures);
  return (
    <Notice tone="red" title={words.what}>
      <p>{words.todo}</p>
    </Notice>
  );
}

function KeyLine({ facts }: { readonly facts: SecurityKeyFacts }) {
  const { key } = useMessages();
  return (
    <>
      {facts.serial !== null && (
        <>
          {key.serial} <span className={styles.number}>{facts.serial}</span> ·{' '}
        </>
      )}
      {key.firmware} <span className={styles.number}>{formatFirmware(facts.firmware)}</span>
      {facts.isFips && ` · ${key.fips}`}
    </>
  );
}

/**
 * Where this key stands at the CA, so that somebody who comes back tomorrow sees it at once. A key without a key pair has
 * nothing that could be pending, and is not asked about.
 */
function useStanding(present: ReadyKeyProps['present'], hasAuthority: boolean): EnrollmentState | undefined {
  const { readerName, facts } = present;
  const state = useEnrollmentState(readerName);
  const isWorthAsking = hasAuthority && state === undefined && facts.authentication.keyPair !== null;
  useEffect(() => {
    if (!isWorthAsking) return;
    void call('enrollment.state', { readerName }).then(async (answer) => {
      const known = answer.ok ? answer.value : null;
      const begun = known === null ? await call('enrollment.begin', { readerName }) : null;
      const found = known ?? (begun?.ok === true ? begun.value : null);
      if (found !== null) rememberEnrollment(readerName, found);
    });
  }, [isWorthAsking, readerName]);
  return hasAuthority ? state : undefined;
}

interface Standing {
  readonly tone: Tone;
  readonly text: string;
  readonly act: string;
}

/** null: nothing to say, so that the key can be enrolled. */
function describeStanding(state: EnrollmentState | undefined, key: Messages['key']): Standing | null {
  switch (state?.kind) {
    case undefined:
    case 'reading':
      return null;
    case 'asking':
      return state.questions.isFinishing ? { tone: 'brass', text: key.standing.approved, act: key.finish } : null;
    case 'working':
      return { tone: 'calm', text: key.standing.working, act: key.goOn };
    case 'waiting-for-approval':
      return { tone: 'brass', text: key.standing.waiting(state.request.authorityName), act: key.showRequest };
    case 'stopped':
      return { tone: 'calm', text: key.standing.stopped, act: key.goOn };
    case 'denied':
      return { tone: 'brass', text: key.standing.denied, act: key.askAgain };
    case 'done':
      return { tone: 'good', text: key.standing.done, act: key.showCertificate };
  }
}
