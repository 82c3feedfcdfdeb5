import { Button } from '@mantine/core';
import { useState } from 'react';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { callName } from '../messages/en.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import { FourWords } from '../ui/four-words.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { useCurrent } from './current-request.ts';
import { DecisionForm } from './decision-form.tsx';
import { mayDecide } from './may-decide.ts';
import { ClaimedColumn, VerifiedColumn } from './request-columns.tsx';
import styles from './queue.module.css';

interface RequestPageProps {
  /** As it was when it was opened. */
  readonly opened: CertificateRequest;
  readonly view: Extract<QueueView, { readonly kind: 'signed-in' }>;
  readonly onBack: () => void;
}

/** One request: the words to compare, what is proven beside what is said, and the decision. */
export function RequestPage({ opened, view, onBack }: RequestPageProps) {
  const { queue } = useMessages();
  const formats = useFormats();
  const texts = queue.request;
  const [decided, setDecided] = useState<CertificateRequest | null>(null);
  const request = useCurrent(opened, view.revision, decided);

  if (request === 'gone') return <Screen title={queue.title} lead={texts.gone} onBack={onBack} />;
  if (request === 'exchanged') {
    return (
      <Screen title={queue.title} onBack={onBack}>
        <Notice tone="red" title={texts.exchanged}>
          <p>{texts.exchangedHint}</p>
        </Notice>
      </Screen>
    );
  }
  const name = request.claimed.name.trim() === '' ? queue.nameless : request.claimed.name;
  return (
    <Screen key={request.status} title={texts.title(name)} lead={texts.received(formats.dateTime(request.submittedAt), formats.relative(request.submittedAt))} onBack={onBack} isWide>
      {view.offline && <Notice tone="brass">{queue.offline}</Notice>}
      {request.status !== 'pending' && <Decision request={request} isNew={decided !== null} name={name} />}
      <section className={styles.words}>
        <h2 className={styles.section}>{texts.words}</h2>
        <FourWords words={request.words} label={texts.words} isInRow />
        {request.status === 'pending' && <p className={styles.soft}>{texts.wordsHint(callName(name))}</p>}
      </section>
      <div className={styles.columns}>
        <VerifiedColumn verified={request.verified} renews={request.renews} />
        <ClaimedColumn request={request} />
      </div>
      {request.status === 'pending' && mayDecide(view.approver) ? (
        <DecisionForm request={request} approver={view.approver} name={name} onDecided={setDecided} />
      ) : (
        <div>
          <Button size="md" variant="light" onClick={onBack}>
            {texts.toList}
          </Button>
        </div>
      )}
    </Screen>
  );
}

/** What became of it. */
function Decision({ request, isNew, name }: { readonly request: CertificateRequest; readonly isNew: boolean; readonly name: string }) {
  const { queue } = useMessages();
  const formats = useFormats();
  const texts = queue.request;
  const isDenied = request.status !== 'issued' && request.status !== 'approved';
  const { decision } = request;
  const title = isNew && request.status !== 'withdrawn' && request.status !== 'expired' ? (isDenied ? texts.deniedNow : texts.approvedNow)(callName(name)) : queue.statuses[request.status];
  return (
    <Notice tone={isDenied ? 'red' : 'good'} title={title}>
      {decision !== null && <p>{texts.decided(decision.by, formats.dateTime(decision.at))}</p>}
      {decision?.reason != null && <p>{texts.reason(decision.reason)}</p>}
      {request.certificateSerialNumber !== null && (
        <Facts
          facts={[
            { name: texts.certificate, value: request.certificateSerialNumber, isCode: true },
            ...(request.certificateExpiresAt === null ? [] : [{ name: texts.validUntil, value: formats.date(request.certificateExpiresAt) }]),
          ]}
        />
      )}
    </Notice>
  );
}
