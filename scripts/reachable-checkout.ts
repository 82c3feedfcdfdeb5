/**
 * Some tests act as an ordinary user, who cannot enter a checkout below /root. Then the whole run sees the checkout at
 * another path: bound there in a mount namespace of its own, which ends with the run and leaves nothing behind.
 */
import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { CHECKOUT } from './paths.ts';
import { runInTerminal } from './run.ts';

/** Everybody may enter the folder and all that it lies in. */
async function isReachableByAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return folder === dirname(folder) || isReachableByAll(dirname(folder));
}

/** Runs `script` again from a path that everybody can reach, and answers its exit code; null: no need, or not root. */
export async function runFromReachableCheckout(script: string, args: readonly string[]): Promise<number | null> {
  if (process.getuid?.() !== 0 || (await isReachableByAll(CHECKOUT))) return null;
  const place = await mkdtemp(join(tmpdir(), 'latchkey-checkout-'));
  const bind = 'chmod 755 "$1" && mount --bind "$2" "$1" && cd "$1" && shift 2 && exec "$@"';
  const command = [process.execPath, join('node_modules', 'tsx', 'dist', 'cli.mjs'), relative(CHECKOUT, script), ...args];
  try {
    return await runInTerminal('unshare', ['--mount', 'sh', '-c', bind, 'sh', place, CHECKOUT, ...command]);
  } finally {
    await rmdir(place);
  }
}
