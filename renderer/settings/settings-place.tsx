import '../forms.css';
import { Button, Radio, useMantineColorScheme } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { AuthorityView } from '../../core/ipc.ts';
import { appFacts, call, currentAuthority, useLive } from '../bridge.ts';
import { LANGUAGES } from '../messages/choose-language.ts';
import { useMessages, useSpeech, type LanguageChoice } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import { Fingerprint } from '../ui/fingerprint.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { RadioChoices } from '../ui/radio-choices.tsx';
import { Screen } from '../ui/screen.tsx';
import { Modules } from './modules.tsx';
import styles from './settings.module.css';

const THEMES = ['auto', 'light', 'dark'] as const;

export function SettingsPlace({ onNameAuthority }: { readonly onNameAuthority: () => void }) {
  const { settings, care } = useMessages();
  const authority = useLive(currentAuthority);
  return (
    <Screen title={settings.title}>
      <Section title={settings.authority}>
        {authority == null ? <NoAuthority onNameAuthority={onNameAuthority} /> : <Authority authority={authority} />}
      </Section>
      <Section title={care.modules.title}>
        <Modules />
      </Section>
      <Appearance />
      <LanguageChoices />
      <About />
    </Screen>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>{title}</h2>
      {children}
    </section>
  );
}

function NoAuthority({ onNameAuthority }: { readonly onNameAuthority: () => void }) {
  const { settings } = useMessages();
  return (
    <>
      <p>{settings.noAuthority}</p>
      <p className={styles.soft}>{settings.noAuthorityHint}</p>
      <div className={styles.actions}>
        <Button variant="light" onClick={onNameAuthority}>
          {settings.nameAuthority}
        </Button>
      </div>
    </>
  );
}

function Authority({ authority }: { readonly authority: AuthorityView }) {
  const { settings, app } = useMessages();
  const [isForgetting, setForgetting] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const forget = async (): Promise<void> => {
    const answer = await call('authority.forget', {});
    if (answer.ok) currentAuthority.set(null);
    else setFailure(answer.failure);
  };
  return (
    <>
      <Facts
        facts={[
          { name: settings.name, value: authority.name },
          ...(authority.address === '' ? [] : [{ name: settings.address, value: authority.address }]),
          { name: settings.fingerprint, value: <Fingerprint fingerprint={authority.fingerprint} /> },
        ]}
      />
      {failure !== null && <ProblemPanel failure={failure} />}
      {isForgetting ? (
        <Notice tone="red" icon="warning" title={settings.forgetTitle(authority.name)}>
          <p>{settings.forgetHint}</p>
          <div className={styles.actions}>
            <Button color="red" onClick={() => void forget()}>
              {settings.forgetButton}
            </Button>
            <Button variant="subtle" onClick={() => setForgetting(false)}>
              {app.cancel}
            </Button>
          </div>
        </Notice>
      ) : (
        <div className={styles.actions}>
          <Button variant="subtle" color="red" onClick={() => setForgetting(true)}>
            {settings.forget}
          </Button>
        </div>
      )}
    </>
  );
}

function Appearance() {
  const { settings } = useMessages();
  // Without it Mantine writes a style element, which the page's policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <Section title={settings.theme}>
      <RadioChoices
        name={settings.theme}
        value={colorScheme}
        onChange={(value) => {
          const theme = THEMES.find((each) => each === value);
          if (theme !== undefined) setColorScheme(theme);
        }}
      >
        <div className={styles.radios}>
          {THEMES.map((theme) => (
            <Radio key={theme} value={theme} label={settings.themes[theme]} />
          ))}
        </div>
      </RadioChoices>
    </Section>
  );
}

function LanguageChoices() {
  const { settings } = useMessages();
  const { choice, choose } = useSpeech();
  const choices: readonly { readonly value: LanguageChoice; readonly label: string }[] = [
    { value: 'system', label: settings.languageSystem },
    { value: 'en', label: LANGUAGES.en },
    { value: 'de', label: LANGUAGES.de },
  ];
  return (
    <Section title={settings.language}>
      <RadioChoices
        name={settings.language}
        value={choice}
        onChange={(value) => {
          const chosen = choices.find((each) => each.value === value);
          if (chosen !== undefined) choose(chosen.value);
        }}
      >
        <div className={styles.radios}>
          {choices.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} lang={value === 'system' ? undefined : value} />
          ))}
        </div>
      </RadioChoices>
    </Section>
  );
}

function About() {
  const { settings, app } = useMessages();
  const facts = useLive(appFacts);
  return (
    <Section title={settings.about}>
      <Facts
        facts={[
          { name: settings.version, value: facts?.version ?? app.moment },
          { name: settings.electron, value: facts?.electron ?? app.moment },
          { name: settings.platform, value: facts?.platform ?? app.moment },
          { name: settings.license, value: settings.licenseName },
        ]}
      />
    </Section>
  );
}
