/** Asking the program that keeps a card from us to let it go, where there is a gentle way. Nothing is ever killed. */
import { execFile } from 'node:child_process';
import { done, failed, type Result } from '../../core/result.ts';
import { findHolder, GNUPG_CARD_DAEMON } from './holder.ts';

/** gpgconf asks gpg-agent, which asks scdaemon; both answer at once or not at all. */
const GPGCONF_MILLISECONDS = 10_000;

/**
 * Asks GnuPG's scdaemon to end itself; gpg-agent starts it again when it is next needed. Fails with holder-not-releasable
 * where another program is known to hold the card, or where GnuPG is not installed.
 */
export async function askHolderToLetGo(): Promise<Result<void>> {
  const holder = await findHolder();
  // Where the system does not tell who holds it, GnuPG's daemon is still the usual one.
  if (holder?.isReleasable !== false && (await endScdaemon())) return done;
  return failed({ kind: 'holder-not-releasable', ...(holder && { holder: holder.name }) });
}

/** With this process's environment, so that GNUPGHOME leads to the agent in question. */
function endScdaemon(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('gpgconf', ['--kill', GNUPG_CARD_DAEMON], { timeout: GPGCONF_MILLISECONDS, windowsHide: true }, (error) => resolve(error === null));
  });
}
