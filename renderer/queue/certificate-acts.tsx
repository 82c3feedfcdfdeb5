/** What an approver does to a certificate: each is signed with the approver's key. */
import { Button, Radio, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { ApproverView } from '../../core/ipc.ts';
import type { Decision } from '../../core/requests/decision.ts';
import type { IssuedCertificate, RevocationReason } from '../../core/requests/issued-certificate.ts';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { RadioChoices } from '../ui/radio-choices.tsx';
import { SigningPin, useSigning } from './signing-pin.tsx';
import styles from './queue.module.css';

/** What a person would say; the others of RFC 5280 are on the command line. */
const REASONS = ['keyCompromise', 'cessationOfOperation', 'affiliationChanged', 'superseded', 'unspecified'] as const satisfies readonly RevocationReason[];

/** 'leave': the person goes, and everything of theirs ends. */
export type Act = 'revoke' | 'hold' | 'release' | 'leave';

function decisionOf(act: Act, { serialNumber, email }: IssuedCertificate, reason: RevocationReason): Decision {
  switch (act) {
    case 'revoke':
      return { decision: 'revoke', serialNumber, reason };
    case 'leave':
      return { decision: 'revoke-person', email: email ?? '', reason: 'affiliationChanged' };
    case 'hold':
    case 'release':
      return { decision: act, serialNumber };
  }
}

interface ActFormProps {
  readonly act: Act;
  readonly certificate: IssuedCertificate;
  readonly approver: ApproverView;
  /** With the certificate as it is now. */
  readonly onDone: (certificate: IssuedCertificate) => void;
  readonly onCancel: () => void;
}

export function ActForm({ act, certificate, approver, onDone, onCancel }: ActFormProps) {
  const { officers, app } = useMessages();
  const texts = officers.certificates;
  const signing = useSigning();
  const [reason, setReason] = useState<RevocationReason>('keyCompromise');
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const { serialNumber, name, email } = certificate;
  const isFinal = act === 'revoke' || act === 'leave';
  const isConfirmed = !isFinal || typed.trim() === name.trim();
  const submit = async (): Promise<void> => {
    setFailure(null);
    const [outcome] = (await signing.sign([decisionOf(act, certificate, reason)])) ?? [];
    if (outcome === undefined) return;
    if (outcome.ok) onDone(outcome.certificates.find((each) => each.serialNumber === serialNumber) ?? certificate);
    else setFailure(outcome.failure);
  };
  return (
    <form
      className={isFinal ? styles.denial : styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h2 className={styles.section}>{texts.acts[act](name)}</h2>
      {isFinal && (
        <Notice tone="red" title={texts.lost}>
          <p>{act === 'leave' ? texts.leaveHint(email ?? '') : texts.lostHint}</p>
        </Notice>
      )}
      {act === 'revoke' && (
        <RadioChoices name={texts.why} value={reason} onChange={(value) => setReason(value as RevocationReason)}>
          {REASONS.map((each) => (
            <Radio key={each} value={each} label={texts.reasons[each]} mt="xs" />
          ))}
        </RadioChoices>
      )}
      {isFinal && <TextInput label={texts.typeName(name)} value={typed} size="md" autoComplete="off" onChange={(event) => setTyped(event.currentTarget.value)} />}
      {act === 'hold' && <p className={styles.soft}>{texts.holdHint}</p>}
      <SigningPin signing={signing} approver={approver} />
      {failure !== null && <ProblemPanel failure={failure} />}
      <div className={styles.actions}>
        <Button type="submit" size="md" loading={signing.isBusy} disabled={!isConfirmed} {...(isFinal ? { color: 'red' } : {})}>
          {texts.buttons[act]}
        </Button>
        <Button variant="subtle" size="md" onClick={onCancel}>
          {app.cancel}
        </Button>
      </div>
    </form>
  );
}
