/** Naming the CA: an invitation or an address, then a look at who answers, then trust. */
import '../forms.css';
import { Button, TextInput } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { AuthorityCandidate } from '../../core/ipc.ts';
import { call, currentAuthority } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { EstServer } from './est-server.tsx';
import { TrustAuthority } from './trust-authority.tsx';
import forms from '../ui/form.module.css';
import styles from './enrollment.module.css';

interface NameAuthorityProps {
  readonly entry: 'invitation' | 'address' | 'either';
  /** A link that the system opened the app with; looked at at once. */
  readonly link: string | null;
  readonly onBack: () => void;
  readonly onTrusted: () => void;
}

export function NameAuthority({ entry, link, onBack, onTrusted }: NameAuthorityProps) {
  const { authority } = useMessages();
  const [text, setText] = useState(link ?? '');
  const [candidate, setCandidate] = useState<AuthorityCandidate | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isEst, setEst] = useState(false);

  const inspect = useCallback(async (linkOrAddress: string) => {
    setBusy(true);
    setFailure(null);
    const answer = await call('authority.inspect', { linkOrAddress });
    setBusy(false);
    if (answer.ok) setCandidate(answer.value);
    else setFailure(answer.failure);
  }, []);
  useEffect(() => {
    if (link === null) return;
    setText(link);
    setCandidate(null);
    void inspect(link);
  }, [link, inspect]);

  const chooseByHand = async (): Promise<void> => {
    const answer = await call('authority.chooseByHand', {});
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok || answer.value === null) return;
    currentAuthority.set(answer.value);
    onTrusted();
  };
  const trust = async (): Promise<void> => {
    if (candidate === null) return;
    setBusy(true);
    const answer = await call('authority.trust', { address: candidate.address, fingerprint: candidate.fingerprint });
    setBusy(false);
    if (!answer.ok) {
      setCandidate(null);
      setFailure(answer.failure);
      return;
    }
    currentAuthority.set(answer.value);
    onTrusted();
  };

  if (candidate !== null) return <TrustAuthority candidate={candidate} isBusy={isBusy} onTrust={() => void trust()} onBack={() => setCandidate(null)} />;
  if (isEst) return <EstServer onCandidate={setCandidate} onBack={() => setEst(false)} />;
  const leads = { invitation: authority.leadInvitation, address: authority.leadAddress, either: authority.lead };
  return (
    <Screen title={authority.title} lead={isBusy ? authority.looking : leads[entry]} onBack={onBack}>
      <form
        className={forms.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void inspect(text.trim());
        }}
      >
        <TextInput
          label={authority.field}
          placeholder={authority.placeholder}
          value={text}
          maxLength={4096}
          size="md"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setFailure(null);
          }}
        />
        {failure !== null && <ProblemPanel failure={failure} actions={{ retry: () => void inspect(text.trim()) }} />}
        <div className={forms.actions}>
          <Button type="submit" size="md" loading={isBusy} disabled={text.trim() === ''}>
            {authority.look}
          </Button>
        </div>
      </form>
      {entry !== 'invitation' && (
        <section className={styles.otherWays}>
          <h2 className={forms.section}>{authority.otherWays}</h2>
          <div className={forms.actions}>
            <Button variant="light" onClick={() => setEst(true)}>
              {authority.est.open}
            </Button>
            <Button variant="light" onClick={() => void chooseByHand()}>
              {authority.byHand.open}
            </Button>
          </div>
          <p className={forms.small}>{authority.byHand.hint}</p>
        </section>
      )}
    </Screen>
  );
}
