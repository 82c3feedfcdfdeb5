import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AuthorityCandidate } from '../../core/ipc.ts';
import { normalizeFingerprint } from '../messages/formats.ts';
import { useMessages } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import { Fingerprint, FingerprintDrawing } from '../ui/fingerprint.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import forms from '../ui/form.module.css';
import styles from './enrollment.module.css';

interface TrustAuthorityProps {
  readonly candidate: AuthorityCandidate;
  readonly isBusy: boolean;
  readonly onTrust: () => void;
  readonly onBack: () => void;
}

/** Who answered. An invitation has compared the fingerprint already; an address alone wants the person to do it. */
export function TrustAuthority({ candidate, isBusy, onTrust, onBack }: TrustAuthorityProps) {
  const { authority, officers } = useMessages();
  const texts = authority.found;
  const { invitation } = candidate;
  const [given, setGiven] = useState('');
  const [isCompared, setCompared] = useState(false);
  const pasted = normalizeFingerprint(given);
  const isSame = pasted === candidate.fingerprint;
  const isConfirmed = invitation !== null || (pasted === '' ? isCompared : isSame);

  return (
    <Screen
      title={texts.title(candidate.name)}
      lead={invitation === null ? texts.byHand : texts.invited}
      onBack={onBack}
      actions={
        <Button size="md" onClick={onTrust} loading={isBusy} disabled={!isConfirmed}>
          {texts.trust(candidate.name)}
        </Button>
      }
    >
      <div className={styles.fingerprint}>
        <FingerprintDrawing fingerprint={candidate.fingerprint} label={texts.fingerprintDrawing} />
        <div>
          <h2 className={forms.section}>{texts.fingerprint}</h2>
          <Fingerprint fingerprint={candidate.fingerprint} />
        </div>
      </div>
      <Facts
        facts={[
          { name: texts.address, value: candidate.address },
          ...(invitation === null
            ? []
            : [
                {
                  name: texts.invitation,
                  value: (
                    <>
                      {invitation.name}, {invitation.email}
                      {invitation.role !== 'user' && <span className={styles.role}>{texts.invitationApprover(officers.roles[invitation.role])}</span>}
                    </>
                  ),
                },
              ]),
        ]}
      />
      {invitation === null && (
        <>
          <TextInput
            label={texts.given}
            description={texts.givenHint}
            value={given}
            size="md"
            autoComplete="off"
            spellCheck={false}
            error={pasted !== '' && pasted.length >= candidate.fingerprint.length && !isSame ? texts.different : undefined}
            onChange={(event) => setGiven(event.currentTarget.value)}
          />
          {pasted === '' ? (
            <Checkbox label={texts.compared} checked={isCompared} onChange={(event) => setCompared(event.currentTarget.checked)} />
          ) : (
            isSame && <Notice tone="good">{texts.same}</Notice>
          )}
        </>
      )}
      <p className={forms.soft}>{texts.consequence}</p>
    </Screen>
  );
}
