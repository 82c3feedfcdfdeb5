/** The language of the window: the system's, or the one chosen in Settings. Other languages than English load late. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { localeFor, systemLanguage, type Language } from './choose-language.ts';
import { en, type Messages } from './en.ts';
import { createFormats, type Formats } from './formats.ts';

export type LanguageChoice = Language | 'system';

const STORAGE_KEY = 'latchkey-language';

interface Speech {
  readonly messages: Messages;
  readonly formats: Formats;
  readonly choice: LanguageChoice;
  readonly choose: (choice: LanguageChoice) => void;
}

const SpeechContext = createContext<Speech | null>(null);

async function loadMessages(language: Language): Promise<Messages> {
  switch (language) {
    case 'en':
      return en;
    case 'de':
      return (await import('./de.ts')).de;
  }
}

function storedChoice(): LanguageChoice {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'en' || stored === 'de' ? stored : 'system';
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [choice, setChoice] = useState(storedChoice);
  const [wanted, setWanted] = useState(navigator.languages);
  const language = choice === 'system' ? systemLanguage(wanted) : choice;
  const [spoken, setSpoken] = useState<{ readonly language: Language; readonly messages: Messages } | null>(
    language === 'en' ? { language, messages: en } : null,
  );

  useEffect(() => {
    const notice = (): void => setWanted(navigator.languages);
    window.addEventListener('languagechange', notice);
    return () => window.removeEventListener('languagechange', notice);
  }, []);

  useEffect(() => {
    let isCurrent = true;
    void loadMessages(language).then((messages) => {
      if (isCurrent) setSpoken({ language, messages });
    });
    return () => {
      isCurrent = false;
    };
  }, [language]);

  useEffect(() => {
    if (spoken !== null) document.documentElement.lang = spoken.language;
  }, [spoken]);

  const choose = useCallback((next: LanguageChoice) => {
    if (next === 'system') localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, next);
    setChoice(next);
  }, []);

  const speech = useMemo(
    () => (spoken === null ? null : { messages: spoken.messages, formats: createFormats(localeFor(spoken.language, wanted)), choice, choose }),
    [spoken, wanted, choice, choose],
  );
  return speech === null ? null : <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error('useSpeech outside of LanguageProvider');
  return speech;
}

export function useMessages(): Messages {
  return useSpeech().messages;
}

export function useFormats(): Formats {
  return useSpeech().formats;
}
