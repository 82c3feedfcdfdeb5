import { TextInput } from '@mantine/core';
import { useCallback, useDeferredValue, useState, type ReactNode } from 'react';
import type { AuditPage } from '../../core/certificate-authority.ts';
import { AUDIT_EVENTS, type AuditEvent } from '../../core/requests/audit-event.ts';
import { success } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { LongList } from './long-list.tsx';
import { PAGE_ROWS, usePages } from './use-pages.ts';
import styles from './queue.module.css';

const lineOf = ({ sequence }: AuditEvent): string => String(sequence);

/** Everything that happened at the CA, and whether its log was found whole. */
export function Audit({ navigation }: { readonly navigation: ReactNode }) {
  const { officers, queue } = useMessages();
  const texts = officers.audit;
  const [typed, setTyped] = useState('');
  const [verified, setVerified] = useState<AuditPage['verified'] | undefined>();
  const search = useDeferredValue(typed.trim());
  const ask = useCallback(
    async (after: string | null) => {
      const answer = await call('queue.audit', { limit: PAGE_ROWS, ...(search === '' ? {} : { search }), ...(after === null ? {} : { after }) });
      if (!answer.ok) return answer;
      setVerified(answer.value.verified);
      return success({ rows: answer.value.events, next: answer.value.next });
    },
    [search],
  );
  const pages = usePages(ask, lineOf);
  return (
    <Screen title={texts.title} isWide lead={texts.lead}>
      {navigation}
      {verified !== undefined && <Verified verified={verified} />}
      <TextInput type="search" aria-label={texts.search} placeholder={texts.search} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      <LongList
        pages={pages}
        keyOf={lineOf}
        renderRow={(event) => <Line event={event} />}
        empty={<p className={styles.soft}>{search === '' ? texts.none : queue.noneFound}</p>}
      />
    </Screen>
  );
}

function Verified({ verified }: { readonly verified: AuditPage['verified'] }) {
  const texts = useMessages().officers.audit;
  const formats = useFormats();
  if (verified === null) return <p className={styles.soft}>{texts.neverVerified}</p>;
  const date = formats.dateTime(verified.at);
  if (verified.isWhole) return <p className={styles.soft}>{texts.whole(String(verified.events), date)}</p>;
  return (
    <Notice tone="red" title={texts.broken}>
      <p>{texts.brokenHint(date)}</p>
    </Notice>
  );
}

/** One line in words; all it says, word by word, beneath. */
function Line({ event }: { readonly event: AuditEvent }) {
  const texts = useMessages().officers.audit;
  const formats = useFormats();
  const { sequence, at, actor, actorSerialNumber, from, httpRequestId, subject, facts, hash } = event;
  const known = AUDIT_EVENTS.find((name) => name === event.event);
  const about = typeof facts['name'] === 'string' ? facts['name'] : subject;
  return (
    <details className={styles.line}>
      <summary className={styles.lineHead}>
        <span className={styles.rowWho}>
          <span className={styles.rowName}>{known === undefined ? event.event : texts.events[known]}</span>
          <span className={styles.soft}>{about}</span>
        </span>
        <span className={styles.rowWhen}>{actor}</span>
        <span className={styles.rowWhen}>{formats.dateTime(at)}</span>
        <Icon name="forward" size={18} />
      </summary>
      <Facts
        facts={[
          { name: texts.facts.by, value: actor },
          ...(actorSerialNumber === null ? [] : [{ name: texts.facts.with, value: actorSerialNumber, isCode: true }]),
          ...(from === '' ? [] : [{ name: texts.facts.from, value: from, isCode: true }]),
          ...(subject === '' ? [] : [{ name: texts.facts.about, value: subject, isCode: true }]),
          // As the CA wrote them: names and values of the log itself, in no language.
          ...Object.entries(facts).map(([name, value]) => ({ name, value: String(value), isCode: true })),
          ...(httpRequestId === '' ? [] : [{ name: texts.facts.call, value: httpRequestId, isCode: true }]),
          { name: texts.facts.line, value: String(sequence) },
          { name: texts.facts.seal, value: hash, isCode: true },
        ]}
      />
    </details>
  );
}
