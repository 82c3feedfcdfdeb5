import { ReaderWatcher, type ReadersState } from '../../native/pcsc/readers.ts';

const LIMIT_MILLISECONDS = 700;

/** Whether the system's own smart card service sees a YubiKey. Nothing is sent to it. */
export async function hasRealYubiKey(): Promise<boolean> {
  const seesOne = (state: ReadersState): boolean => state.kind === 'available' && state.cards.some(({ readerName }) => /yubikey/i.test(readerName));
  return new Promise((resolve) => {
    const finish = (answer: boolean): void => {
      clearTimeout(timer);
      watcher.close();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), LIMIT_MILLISECONDS);
    const watcher: ReaderWatcher = new ReaderWatcher((state) => {
      // The first call may come before the watcher has a name.
      if (seesOne(state) || state.kind === 'unavailable') setImmediate(() => finish(state.kind === 'available'));
    });
  });
}
