/** What signatures prove, and what somebody typed: two columns that never look alike. */
import type { ReactNode } from 'react';
import type { AttestedFacts, CertificateRequest } from '../../core/requests/certificate-request.ts';
import { useMessages } from '../messages/language.tsx';
import { Facts, type Fact } from '../ui/facts.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './queue.module.css';

interface ColumnProps {
  readonly kind: 'verified' | 'claimed';
  readonly title: string;
  readonly hint: string;
  readonly children: ReactNode;
}

function Column({ kind, title, hint, children }: ColumnProps) {
  return (
    <section className={styles.column} data-kind={kind}>
      <header className={styles.columnHead}>
        <Icon name={kind === 'verified' ? 'shield' : 'speech'} size={22} />
        <div>
          <h2 className={styles.section}>{title}</h2>
          <p className={styles.soft}>{hint}</p>
        </div>
      </header>
      {children}
    </section>
  );
}

export function VerifiedColumn({ verified, renews }: Pick<CertificateRequest, 'verified' | 'renews'>) {
  const { queue, keyTypes } = useMessages();
  const texts = queue.request;
  const attested = useAttestedFacts(verified.attestation);
  return (
    <Column kind="verified" title={texts.verified} hint={texts.verifiedHint}>
      {verified.attestation === null && (
        <Notice tone="brass" title={texts.problems[verified.attestationProblem ?? 'missing']}>
          <p>{texts.problemHint}</p>
          {verified.missingIssuer !== undefined && <p className={styles.small}>{verified.missingIssuer}</p>}
        </Notice>
      )}
      <Facts
        facts={[
          ...attested,
          { name: texts.keyType, value: keyTypes[verified.keyType] },
          { name: texts.holds, value: texts.holdsValue },
          ...(renews === null ? [] : [{ name: texts.renews, value: texts.renewsValue(renews) }]),
        ]}
      />
    </Column>
  );
}

function useAttestedFacts(attestation: AttestedFacts | null): readonly Fact[] {
  const { queue, app, formFactors, pinPolicies, touchPolicies } = useMessages();
  const texts = queue.request;
  if (attestation === null) return [];
  return [
    { name: texts.genuine, value: texts.genuineBy(attestation.root) },
    { name: texts.secret, value: texts.secretMade },
    { name: texts.serial, value: attestation.serial ?? app.unknown },
    { name: texts.firmware, value: attestation.firmware },
    ...(attestation.formFactor === null ? [] : [{ name: texts.form, value: formFactors[attestation.formFactor] }]),
    ...(attestation.isFips ? [{ name: texts.fips, value: app.yes }] : []),
    { name: texts.pinPolicy, value: pinPolicies[attestation.pinPolicy] },
    { name: texts.touchPolicy, value: touchPolicies[attestation.touchPolicy] },
  ];
}

export function ClaimedColumn({ request }: { readonly request: CertificateRequest }) {
  const { queue, officers } = useMessages();
  const texts = queue.request;
  const { claimed } = request;
  const invited = claimed.invitedAs;
  return (
    <Column kind="claimed" title={texts.claimed} hint={texts.claimedHint}>
      <Facts
        facts={[
          { name: texts.name, value: claimed.name },
          ...(claimed.email === null ? [] : [{ name: texts.email, value: claimed.email }]),
          ...(claimed.otherNames.length === 0 ? [] : [{ name: texts.otherNames, value: claimed.otherNames.join(', ') }]),
          { name: texts.profile, value: request.profile },
          { name: texts.from, value: request.submittedFrom },
          {
            name: texts.invited,
            value: invited === null ? texts.notInvited : `${invited.name}, ${invited.email}${invited.role !== 'user' ? ` (${officers.roles[invited.role]})` : ''}`,
          },
        ]}
      />
      {invited !== null && <p className={styles.small}>{texts.invitedHint}</p>}
    </Column>
  );
}
