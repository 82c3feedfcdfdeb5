/** How an enrollment ends, or stops: done, denied, stopped. */
import { Button } from '@mantine/core';
import type { EnrolledCertificate, EnrollmentState } from '../../core/enrollment/state.ts';
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import type { KeyPairFacts, KeyProof } from '../../core/security-key.ts';
import type { FollowedKey } from '../key/followed-key.ts';
import { BackupOffer, usePersonsKeys, YourKeys } from '../key/your-keys.tsx';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel, type ProblemActions } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { Stage } from '../ui/stage.tsx';
import { StepList } from '../ui/step-list.tsx';
import forms from '../ui/form.module.css';
import styles from './enrollment.module.css';

type StateOf<Kind extends EnrollmentState['kind']> = Extract<EnrollmentState, { readonly kind: Kind }>;

interface DoneProps {
  readonly state: StateOf<'done'>;
  readonly securityKey: FollowedKey;
  readonly onLeave: () => void;
  readonly onBackup: (first: KnownKey) => void;
  readonly onRenew: () => void;
}

export function Done({ state, securityKey, onLeave, onBackup, onRenew }: DoneProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.done;
  const serial = securityKey.facts?.serial ?? null;
  const keys = usePersonsKeys(serial);
  const [first] = keys;
  const hasBackup = keys.length > 1;
  return (
    <Screen
      title={texts.title}
      lead={state.proof?.through === 'piv' ? texts.leadNoProof : texts.lead}
      onBack={onLeave}
      aside={<StepList steps={state.steps} label={enrollment.stepsLabel} />}
      actions={
        <>
          <Button size="md" onClick={onLeave}>
            {texts.back}
          </Button>
          <Button size="md" variant="subtle" onClick={onRenew} disabled={!securityKey.isPresent}>
            {texts.renew}
          </Button>
        </>
      }
    >
      {hasBackup ? (
        <YourKeys keys={keys} serial={serial} />
      ) : (
        <Stage isSmall>
          <KeyDrawing form={securityKey.facts?.formFactor ?? null} />
        </Stage>
      )}
      <Proof proof={state.proof} />
      {first !== undefined && !hasBackup && <BackupOffer first={first} onBackup={onBackup} />}
      <CertificateFacts certificate={state.certificate} keyPair={securityKey.facts?.authentication.keyPair ?? null} />
    </Screen>
  );
}

interface CertificateFactsProps {
  readonly certificate: EnrolledCertificate;
  readonly keyPair: KeyPairFacts | null;
}

/** Whose it is, and (where the key tells) what it will ask for when it is used. */
function CertificateFacts({ certificate, keyPair }: CertificateFactsProps) {
  const { enrollment, pinPolicies, touchPolicies } = useMessages();
  const texts = enrollment.done;
  const formats = useFormats();
  return (
    <Facts
      facts={[
        { name: texts.name, value: certificate.name },
        ...(certificate.email === null ? [] : [{ name: texts.email, value: certificate.email }]),
        { name: texts.authority, value: certificate.authorityName },
        { name: texts.validUntil, value: `${formats.date(certificate.validTo)} (${formats.relative(certificate.validTo)})` },
        ...(keyPair?.pinPolicy == null ? [] : [{ name: texts.pinPolicy, value: pinPolicies[keyPair.pinPolicy] }]),
        ...(keyPair?.touchPolicy == null ? [] : [{ name: texts.touchPolicy, value: touchPolicies[keyPair.touchPolicy] }]),
        { name: texts.serialNumber, value: certificate.serialNumber, isCode: true },
      ]}
    />
  );
}

/** What was proven, in plain words. */
function Proof({ proof }: { readonly proof: KeyProof | null }) {
  const { enrollment } = useMessages();
  const texts = enrollment.done;
  if (proof === null) return <Notice tone="calm">{texts.proofEarlier}</Notice>;
  if (proof.through === 'piv') {
    return (
      <Notice tone="brass" title={texts.proof}>
        <p>{texts.proofPiv}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="good" title={texts.proof}>
      <p>{texts.proofModule}</p>
      {proof.module !== null && (
        <p className={forms.small}>
          {texts.module}: {proof.module.path} ({proof.module.version})
        </p>
      )}
    </Notice>
  );
}

interface DeniedProps {
  readonly state: StateOf<'denied'>;
  readonly isBusy: boolean;
  readonly onAgain: () => void;
  readonly onLeave: () => void;
}

export function Denied({ state, isBusy, onAgain, onLeave }: DeniedProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.denied;
  return (
    <Screen
      title={texts.title}
      onBack={onLeave}
      aside={<StepList steps={state.steps} label={enrollment.stepsLabel} />}
      actions={
        <Button size="md" onClick={onAgain} loading={isBusy}>
          {texts.again}
        </Button>
      }
    >
      <Notice tone="brass" icon="speech" title={state.reason === '' ? texts.noReason : texts.lead} isAlert>
        {state.reason !== '' && <blockquote className={styles.quote}>{state.reason}</blockquote>}
      </Notice>
      <p className={forms.soft}>{texts.hint}</p>
    </Screen>
  );
}

interface StoppedProps {
  readonly state: StateOf<'stopped'>;
  readonly isBusy: boolean;
  readonly actions: ProblemActions;
  readonly onLeave: () => void;
}

export function Stopped({ state, isBusy, actions, onLeave }: StoppedProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.stopped;
  return (
    <Screen title={texts.title} onBack={onLeave} aside={<StepList steps={state.steps} label={enrollment.stepsLabel} />}>
      <ProblemPanel failure={state.failure} actions={actions} retryLabel={texts.again} isBusy={isBusy} />
      <p className={forms.soft}>{texts.hint}</p>
    </Screen>
  );
}
