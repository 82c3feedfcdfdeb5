/** A command of the operator that runs after every new CRL, such as one that copies it to web servers. */
import type { Context } from './domain/context.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { runCommand } from './server-reload.ts';

/** How soon a CRL is seen that another process made. */
const LOOK_MS = 500;

async function run({ log }: Context, command: string): Promise<void> {
  const ran = await runCommand(command);
  if (ran.ok) log('info', 'crl-hook-ran');
  else log('error', 'crl-hook-failed', { detail: ran.failure.kind === 'command-failed' ? ran.failure.detail : ran.failure.kind });
}

/**
 * Runs the command now and after every new CRL, never two at once; it gets nothing on its command line or in its
 * environment. The returned function ends that.
 */
export function startCrlHook(context: Context, command: string): () => void {
  const runs = new OneAtATime();
  let seen: string | undefined;
  async function look(): Promise<void> {
    const revision = await context.store.read((rows) => rows.setting('crl-revision'));
    if (revision === undefined || revision === seen) return;
    seen = revision;
    await runs.run('hook', () => run(context, command));
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) => context.log('error', 'crl-hook-failed', { detail: String(error) }));
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
