/** The window: a rail on the left, one place on the right. Places that are not the first load when they are opened. */
import { lazy, Suspense, useCallback, useEffect, useState, useTransition } from 'react';
import { appFacts, openedLink, useLive } from './bridge.ts';
import { KeyPlace, type KeyView } from './key/key-place.tsx';
import { useMessages } from './messages/language.tsx';
import { Rail, type Place } from './rail.tsx';
import { Announcer } from './ui/announcer.tsx';
import styles from './app.module.css';

const QueuePlace = lazy(async () => ({ default: (await import('./queue/queue-place.tsx')).QueuePlace }));
const SettingsPlace = lazy(async () => ({ default: (await import('./settings/settings-place.tsx')).SettingsPlace }));

/** Once the first screen stands, the others are fetched, so that opening them does not wait for the disk. */
function fetchOtherScreens(): void {
  void import('./enrollment/enrollment-room.tsx');
  void import('./enrollment/name-authority.tsx');
  void import('./enrollment/backup-key.tsx');
  void import('./care/care-place.tsx');
  void import('./queue/queue-place.tsx');
  void import('./settings/settings-place.tsx');
}

export function App() {
  const { app } = useMessages();
  const [place, setPlaceNow] = useState<Place>('key');
  const [keyView, setKeyViewNow] = useState<KeyView>({ kind: 'overview' });
  const [chosenKey, setChosenKey] = useState<string | null>(null);
  const isDemo = useLive(appFacts)?.isDemo === true;
  const link = useLive(openedLink);
  // The present screen stays until the next one can be drawn.
  const [, startTransition] = useTransition();
  const setPlace = useCallback((next: Place) => startTransition(() => setPlaceNow(next)), []);
  const setKeyView = useCallback((next: KeyView) => startTransition(() => setKeyViewNow(next)), []);

  useEffect(() => {
    const idle = requestIdleCallback(fetchOtherScreens, { timeout: 2000 });
    return () => cancelIdleCallback(idle);
  }, []);

  // An invitation that the system opened the app with is what the person wants now.
  useEffect(() => {
    if (typeof link === 'string') setPlace('key');
  }, [link, setPlace]);

  const nameAuthority = (): void => {
    setKeyView({ kind: 'authority', entry: 'either', thenEnroll: false });
    setPlace('key');
  };

  return (
    <div className={styles.window}>
      {isDemo && (
        <aside className={styles.demo} aria-label={app.demoLabel}>
          {app.demo}
        </aside>
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
