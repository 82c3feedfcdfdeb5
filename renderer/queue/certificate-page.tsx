import { Button, Radio, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { ApproverView } from '../../core/ipc.ts';
import type { Decision } from '../../core/requests/decision.ts';
import type { IssuedCertificate, RevocationReason } from '../../core/requests/issued-certificate.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Facts, type Fact } from '../ui/facts.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { RadioChoices } from '../ui/radio-choices.tsx';
import { Screen } from '../ui/screen.tsx';
import { mayDecide } from './may-decide.ts';
import { SigningPin, useSigning } from './signing-pin.tsx';
import styles from './queue.module.css';

/** What a person would say; the others of RFC 5280 are on the command line. */
const REASONS = ['keyCompromise', 'cessationOfOperation', 'affiliationChanged', 'superseded', 'unspecified'] as const satisfies readonly RevocationReason[];
type Act = 'revoke' | 'hold' | 'release';

interface CertificatePageProps {
  /** As it was when it was opened. */
  readonly opened: IssuedCertificate;
  readonly approver: ApproverView;
  readonly onBack: () => void;
}

/** One certificate: what it is, and putting it on hold or revoking it. */
export function CertificatePage({ opened, approver, onBack }: CertificatePageProps) {
  const { officers } = useMessages();
  const texts = officers.certificates;
  const formats = useFormats();
  const [certificate, setCertificate] = useState(opened);
  const [act, setAct] = useState<Act | null>(null);
  const { name, email, status, serialNumber, revokedAt, revocationReason, keySerial } = certificate;
  const facts: readonly Fact[] = [
    { name: texts.facts.status, value: revokedAt === null ? texts.statuses[status] : texts.since(texts.statuses[status], formats.dateTime(revokedAt)) },
    ...(revocationReason === null ? [] : [{ name: texts.facts.reason, value: texts.reasons[revocationReason] }]),
    { name: texts.facts.email, value: email ?? '' },
    { name: texts.facts.profile, value: certificate.profile },
    { name: texts.facts.role, value: officers.roles[certificate.role] },
    ...(keySerial === null ? [] : [{ name: texts.facts.key, value: String(keySerial) }]),
    { name: texts.facts.valid, value: `${formats.date(certificate.issuedAt)} – ${formats.date(certificate.expiresAt)}` },
    { name: texts.facts.number, value: serialNumber, isCode: true },
  ];
  const changed = (now: IssuedCertificate | undefined): void => {
    setAct(null);
    if (now === undefined) return;
    setCertificate(now);
    announce(texts.changed(name, texts.statuses[now.status]));
  };
  return (
    <Screen title={texts.of(name)} isWide onBack={onBack}>
      {act === null && <Facts facts={facts} />}
      {mayDecide(approver) && status !== 'revoked' && act === null && (
        <div className={styles.actions}>
          {status === 'good' ? (
            <Button variant="light" size="md" onClick={() => setAct('hold')}>
              {texts.hold}
            </Button>
          ) : (
            <Button size="md" onClick={() => setAct('release')}>
              {texts.release}
            </Button>
          )}
          <Button variant="subtle" color="red" size="md" onClick={() => setAct('revoke')}>
            {texts.revoke}
          </Button>
        </div>
      )}
      {act !== null && <ActForm key={act} act={act} certificate={certificate} approver={approver} onDone={changed} onCancel={() => setAct(null)} />}
    </Screen>
  );
}

interface ActFormProps {
  readonly act: Act;
  readonly certificate: IssuedCertificate;
  readonly approver: ApproverView;
  readonly onDone: (certificate: IssuedCertificate | undefined) => void;
  readonly onCancel: () => void;
}

function ActForm({ act, certificate, approver, onDone, onCancel }: ActFormProps) {
  const { officers, app } = useMessages();
  const texts = officers.certificates;
  const signing = useSigning();
  const [reason, setReason] = useState<RevocationReason>('keyCompromise');
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const { serialNumber, name } = certificate;
  const isConfirmed = act !== 'revoke' || typed.trim() === name.trim();
  const submit = async (): Promise<void> => {
    setFailure(null);
    const decision: Decision = act === 'revoke' ? { decision: act, serialNumber, reason } : { decision: act, serialNumber };
    const [outcome] = (await signing.sign([decision])) ?? [];
    if (outcome === undefined) return;
    if (outcome.ok) onDone(outcome.certificates[0]);
    else setFailure(outcome.failure);
  };
  return (
    <form
      className={act === 'revoke' ? styles.denial : styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h2 className={styles.section}>{texts.acts[act](name)}</h2>
      {act === 'revoke' && (
        <>
          <Notice tone="red" title={texts.lost}>
            <p>{texts.lostHint}</p>
          </Notice>
          <RadioChoices name={texts.why} value={reason} onChange={(value) => setReason(value as RevocationReason)}>
            {REASONS.map((each) => (
              <Radio key={each} value={each} label={texts.reasons[each]} mt="xs" />
            ))}
          </RadioChoices>
          <TextInput label={texts.typeName(name)} value={typed} size="md" autoComplete="off" onChange={(event) => setTyped(event.currentTarget.value)} />
        </>
      )}
      {act === 'hold' && <p className={styles.soft}>{texts.holdHint}</p>}
      <SigningPin signing={signing} approver={approver} />
      {failure !== null && <ProblemPanel failure={failure} />}
      <div className={styles.actions}>
        <Button type="submit" size="md" loading={signing.isBusy} disabled={!isConfirmed} {...(act === 'revoke' ? { color: 'red' } : {})}>
          {texts.buttons[act]}
        </Button>
        <Button variant="subtle" size="md" onClick={onCancel}>
          {app.cancel}
        </Button>
      </div>
    </form>
  );
}
