/**
 * Is a YubiKey in a reader of the system's own smart card service? Nothing is sent to it. A program of its own, because
 * libpcsclite keeps to the first service that a process has spoken to, and the trial has another: exit code 0 is yes.
 */
import { pathToFileURL } from 'node:url';
import { ourCommandLine } from '../../cli/demo/demo-authority.ts';
import { ReaderWatcher, type ReadersState } from '../../native/pcsc/readers.ts';
import { runInTerminal } from '../run.ts';

const LIMIT_MILLISECONDS = 700;

/** Asks in a process of its own. */
export async function hasRealYubiKey(): Promise<boolean> {
  const [importFlag = '', tsx = ''] = ourCommandLine();
  return (await runInTerminal(process.execPath, [importFlag, tsx, import.meta.filename], { stdio: 'ignore' })) === 0;
}

function seesYubiKey(state: ReadersState): boolean {
  return state.kind === 'available' && state.cards.some(({ readerName }) => /yubikey/i.test(readerName));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const watcher = new ReaderWatcher((state) => {
    if (seesYubiKey(state)) process.exit(0);
    if (state.kind === 'unavailable') process.exit(1);
  });
  setTimeout(() => {
    void watcher.close();
    process.exit(1);
  }, LIMIT_MILLISECONDS);
}
