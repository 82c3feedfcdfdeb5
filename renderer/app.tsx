/** The window: a rail on the left, one place on the right. Places that are not the first load when they are opened. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { appFacts, openedLink, useLive } from './bridge.ts';
import { KeyPlace, type KeyView } from './key/key-place.tsx';
import { useMessages } from './messages/language.tsx';
import { Rail, type Place } from './rail.tsx';
import { Announcer } from './ui/announcer.tsx';
import styles from './app.module.css';

const QueuePlace = lazy(async () => ({ default: (await import('./queue/queue-place.tsx')).QueuePlace }));
const SettingsPlace = lazy(async () => ({ default: (await import('./settings/settings-place.tsx')).SettingsPlace }));

export function App() {
  const { app } = useMessages();
  const [place, setPlace] = useState<Place>('key');
  const [keyView, setKeyView] = useState<KeyView>({ kind: 'overview' });
  const [chosenKey, setChosenKey] = useState<string | null>(null);
  const isDemo = useLive(appFacts)?.isDemo === true;
  const link = useLive(openedLink);

  // An invitation that the system opened the app with is what the person wants now.
  useEffect(() => {
    if (typeof link === 'string') setPlace('key');
  }, [link]);

  const nameAuthority = (): void => {
    setKeyView({ kind: 'authority', entry: 'either', thenEnroll: false });
    setPlace('key');
  };

  return (
    <div className={styles.window}>
      {isDemo && (
        <p className={styles.demo} role="note">
          {app.demo}
        </p>
      )}
      <div className={styles.frame}>
        <Rail place={place} onChoose={setPlace} />
        <main className={styles.place}>
          <Suspense fallback={null}>
            {place === 'key' && <KeyPlace view={keyView} onView={setKeyView} chosen={chosenKey} onChoose={setChosenKey} />}
            {place === 'requests' && <QueuePlace onNameAuthority={nameAuthority} />}
            {place === 'settings' && <SettingsPlace onNameAuthority={nameAuthority} />}
          </Suspense>
        </main>
      </div>
      <Announcer />
    </div>
  );
}
