/** The program libraries through which browsers reach a key: which there are, which is used and why, and another choice. */
import { Radio } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { ModuleFacts, ModulesFacts } from '../../core/security-key.ts';
import { call } from '../bridge.ts';
import { wordFailure } from '../messages/failures.ts';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Notice } from '../ui/notice.tsx';
import { FailureDetails, ProblemPanel } from '../ui/problem-panel.tsx';
import { RadioChoices } from '../ui/radio-choices.tsx';
import styles from './settings.module.css';

export function Modules() {
  const { care } = useMessages();
  const texts = care.modules;
  const [facts, setFacts] = useState<ModulesFacts | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    void call('modules.view', {}).then((answer) => (answer.ok ? setFacts(answer.value) : setFailure(answer.failure)));
  }, []);
  const choose = async (choice: string): Promise<void> => {
    // Main keeps the choice first; what comes of it takes the libraries a moment to tell.
    setFacts((shown) => shown && { ...shown, choice });
    const answer = await call('modules.choose', { choice });
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok) return;
    setFacts(answer.value);
    announce(texts.reasons[answer.value.reason]);
  };

  if (facts === null) return failure === null ? <p className={styles.soft}>{texts.reading}</p> : <ProblemPanel failure={failure} />;
  return (
    <>
      <p className={styles.soft}>{texts.lead}</p>
      <InUse facts={facts} />
      <RadioChoices name={texts.title} value={facts.choice} onChange={(choice) => void choose(choice)}>
        <div className={styles.modules}>
          <Radio value="automatic" label={texts.automatic} description={texts.automaticHint} />
          {facts.found.map((module) => (
            <ModuleChoice key={module.path} module={module} />
          ))}
          <Radio value="none" label={texts.none} description={texts.noneHint} />
        </div>
      </RadioChoices>
      {failure !== null && <ProblemPanel failure={failure} />}
    </>
  );
}

/** Which one, and why. */
function InUse({ facts }: { readonly facts: ModulesFacts }) {
  const { care } = useMessages();
  const texts = care.modules;
  const used = facts.found.find(({ path }) => path === facts.used);
  const isTrouble = facts.reason === 'chosen-missing' || facts.reason === 'none-found' || used?.failure != null;
  return (
    <Notice tone={isTrouble ? 'brass' : 'calm'} title={facts.used === null ? undefined : `${texts.inUse}: ${used?.name ?? facts.used}`}>
      <p>{texts.reasons[facts.reason]}</p>
    </Notice>
  );
}

function ModuleChoice({ module }: { readonly module: ModuleFacts }) {
  const { care, failures } = useMessages();
  const texts = care.modules;
  const { path, name, version, failure } = module;
  return (
    <div>
      <Radio
        value={path}
        label={name ?? texts.unnamed}
        description={
          <>
            {version !== null && <span className={styles.line}>{version}</span>}
            <span className={styles.path}>{path}</span>
          </>
        }
      />
      {failure !== null && (
        <div className={styles.broken}>
          <p data-tone="brass">{wordFailure(failure, failures).what}</p>
          <FailureDetails failure={failure} />
        </div>
      )}
    </div>
  );
}
