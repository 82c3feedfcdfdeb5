/** Who may keep a card from us. Only Linux tells, and only of processes that this user may look at. */
import { readdir, readFile } from 'node:fs/promises';

/** GnuPG's card daemon: the usual one that takes a reader for itself. */
export const GNUPG_CARD_DAEMON = 'scdaemon';

/**
 * The name of the program that has the smart card library loaded, beside ourselves and pcscd: GnuPG's daemon where it
 * runs, otherwise the one there is. undefined where that is not clear.
 */
export async function findHolder(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const processIds = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(processIds.map(nameOfCardProgram));
  const found = [...new Set(names.filter((name) => name !== undefined))];
  if (found.includes(GNUPG_CARD_DAEMON)) return GNUPG_CARD_DAEMON;
  return found.length === 1 ? found[0] : undefined;
}

async function nameOfCardProgram(processId: string): Promise<string | undefined> {
  if (processId === String(process.pid)) return undefined;
  const name = (await readFile(`/proc/${processId}/comm`, 'utf8').catch(() => '')).trim();
  if (name === GNUPG_CARD_DAEMON) return name;
  if (name === '' || name === 'pcscd') return undefined;
  const maps = await readFile(`/proc/${processId}/maps`, 'utf8').catch(() => '');
  return maps.includes('libpcsclite') ? name : undefined;
}
