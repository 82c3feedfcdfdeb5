import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import type { WayOut } from '../../core/key-care/ways-out.ts';
import { formatFirmware, type PresentSecurityKey, type SecurityKeyFacts } from '../../core/security-key.ts';
import { call, currentAuthority, rememberEnrollment, useEnrollmentState, useLive } from '../bridge.ts';
import { screenOf, type CareScreen } from '../care/care-screen.ts';
import { emptyDraft, keepDraft } from '../enrollment/draft.ts';
import { renewEnrollment } from '../enrollment/renew-enrollment.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice, type Tone } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { arrangeConditions } from './arrange-conditions.ts';
import { ConditionLines, ConditionNotice } from './condition-notice.tsx';
import { keyIdentity } from './key-identity.ts';
import { KeyTiles } from './key-tiles.tsx';
import { useConditions } from './use-conditions.ts';
import { BackupOffer, usePersonsKeys, YourKeys } from './your-keys.tsx';
import styles from './key.module.css';

interface KeyOverviewProps {
  readonly present: PresentSecurityKey;
  readonly hasAuthority: boolean;
  readonly onOther: (() => void) | undefined;
  readonly onEnroll: (identity: string) => void;
  readonly onCare: (identity: string, screen: CareScreen) => void;
  readonly onBackup: (first: KnownKey) => void;
}

/** One key: what it is, whether it is fine, and the one thing to do with it. */
export function KeyOverview(props: KeyOverviewProps) {
  const { key } = useMessages();
  const { present, onOther } = props;
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
      return <ReadyKey {...props} present={present} />;
  }
}

interface ReadyKeyProps extends KeyOverviewProps {
  readonly present: Extract<PresentSecurityKey, { readonly kind: 'ready' }>;
}

function ReadyKey({ present, hasAuthority, onOther, onEnroll, onCare, onBackup }: ReadyKeyProps) {
  const { key, care, drawing, enrollment } = useMessages();
  const { facts } = present;
  const identity = keyIdentity(present);
  const authority = useLive(currentAuthority);
  const { state, isAsking } = useStanding(present, hasAuthority);
  const standing = describeStanding(state, key, authority?.protocol === 'by-hand');
  const conditions = useConditions(present.readerName, facts);
  const { notice, lines } = arrangeConditions(conditions ?? [], isAsking || standing !== null);
  const keys = usePersonsKeys(facts.serial);
  const [first] = keys;
  const hasBackup = keys.length > 1;
  const onWay = (way: WayOut): void => {
    const screen = screenOf(way.act);
    if (screen === 'enroll') {
      // What is still good is renewed; what is not has to be asked for in no special way.
      if (hasAuthority && way.act === 'enroll') {
        if (state?.kind === 'done') keepDraft(identity, { ...emptyDraft, name: state.certificate.name, email: state.certificate.email });
        void renewEnrollment(present.readerName);
      }
      onEnroll(identity);
    }
    if (screen !== 'enroll' && screen !== null) onCare(identity, screen);
  };

  return (
    <Screen
      title={facts.model}
      lead={<KeyLine facts={facts} />}
      onBack={onOther}
      backLabel={key.choose.other}
      actions={
        <>
          {/* Until it is known what the key needs most, there is no main button that could be the wrong one. */}
          {conditions !== undefined && notice === null && (
            <Button size="md" onClick={() => onEnroll(identity)}>
              {standing?.act ?? key.enroll}
            </Button>
          )}
          {/* With a blocked PIN enrolling goes nowhere: the way out is above. */}
          {notice !== null && standing !== null && state?.kind !== 'done' && facts.pin.attemptsLeft !== 0 && (
            <Button size="md" variant="light" onClick={() => onEnroll(identity)}>
              {standing.act}
            </Button>
          )}
          <Button size="md" variant={notice === null ? 'subtle' : 'light'} onClick={() => onCare(identity, { kind: 'list' })}>
            {care.open}
          </Button>
        </>
      }
    >
      {/* A row of keys is tall: what this one needs comes before it. */}
      {hasBackup && notice !== null && <ConditionNotice view={notice} onAct={onWay} />}
      {hasBackup ? (
        <YourKeys keys={keys} serial={facts.serial} />
      ) : (
        <figure className={styles.figure} data-small={notice !== null || lines.length > 0 || undefined}>
          <KeyDrawing form={facts.formFactor} light={state?.kind === 'working' ? 'on' : 'off'} label={drawing.key(facts.model)} />
        </figure>
      )}
      {!hasBackup && notice !== null && <ConditionNotice view={notice} onAct={onWay} />}
      {standing !== null && notice === null && (
        <Notice tone={standing.tone} title={standing.text}>
          {state?.kind === 'waiting-for-approval' && state.offline !== null && <p>{enrollment.waiting.offlineTitle}</p>}
        </Notice>
      )}
      <ConditionLines views={lines} onAct={onWay} />
      <KeyTiles facts={facts} />
      {first !== undefined && !hasBackup && notice === null && state?.kind === 'done' && <BackupOffer first={first} onBackup={onBackup} />}
    </Screen>
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
function useStanding(present: ReadyKeyProps['present'], hasAuthority: boolean): { readonly state: EnrollmentState | undefined; readonly isAsking: boolean } {
  const { readerName, facts } = present;
  const state = useEnrollmentState(readerName);
  const [failedFor, setFailedFor] = useState<SecurityKeyFacts | null>(null);
  const isWorthAsking = hasAuthority && state === undefined && facts.authentication.keyPair !== null;
  useEffect(() => {
    if (!isWorthAsking) return;
    void call('enrollment.state', { readerName }).then(async (answer) => {
      const known = answer.ok ? answer.value : null;
      const begun = known === null ? await call('enrollment.begin', { readerName }) : null;
      const found = known ?? (begun?.ok === true ? begun.value : null);
      if (found !== null) rememberEnrollment(readerName, found);
      else setFailedFor(facts);
    });
  }, [isWorthAsking, readerName, facts]);
  return hasAuthority ? { state, isAsking: (isWorthAsking || state?.kind === 'reading') && failedFor !== facts } : { state: undefined, isAsking: false };
}

interface Standing {
  readonly tone: Tone;
  readonly text: string;
  readonly act: string;
}

/** null: nothing to say, so that the key can be enrolled. */
function describeStanding(state: EnrollmentState | undefined, key: Messages['key'], isByHand: boolean): Standing | null {
  switch (state?.kind) {
    case undefined:
    case 'reading':
      return null;
    case 'asking':
      return state.questions.isFinishing ? { tone: 'brass', text: key.standing.approved, act: key.finish } : null;
    case 'working':
      return { tone: 'calm', text: key.standing.working, act: key.goOn };
    case 'waiting-for-approval':
      return { tone: 'brass', text: isByHand ? key.standing.signing : key.standing.waiting(state.request.authorityName), act: key.showRequest };
    case 'stopped':
      return { tone: 'calm', text: key.standing.stopped, act: key.goOn };
    case 'denied':
      return { tone: 'brass', text: key.standing.denied, act: key.askAgain };
    case 'done':
      return { tone: 'good', text: key.standing.done, act: key.showCertificate };
  }
}
