import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import type { DemoOptions } from '../program.ts';
import { Cleanup } from './cleanup.ts';
import { playStory, type DemoResult } from './story.ts';

/** `latchkey demo`: plays the story in a folder of its own and leaves nothing behind, however it ends. */
export async function demo({ output }: CommandContext, { server }: DemoOptions): Promise<Outcome> {
  const cleanup = new Cleanup();
  const tell = output.progress;
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  cleanup.add(folder, () => rm(folder, { recursive: true, force: true }));
  // OpenSC makes its cache folder wherever it runs.
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
    process.on(signal, () => void cleanup.run(tell).then(() => process.exit(code)));
  }
  try {
    const result = await playStory({ folder, cleanup, tell, ...(server === undefined ? {} : { server }) });
    return { ok: true, json: { ...result }, text: summary(result) };
  } finally {
    await cleanup.run(tell);
  }
}

function summary({ serial, firmware, steps, totalMs, cardMs, pkcs11, mtls }: DemoResult): string {
  const apdus = steps.reduce((sum, step) => sum + step.apdus, 0);
  return [
    '',
    `It works. A virtual YubiKey (serial ${serial}, firmware ${firmware}) was enrolled in ${totalMs.toFixed(0)} ms,`,
    `not counting the wait for the approver; ${cardMs.toFixed(0)} ms of that inside the card, with ${apdus} commands.`,
    `Its certificate signs through ${pkcs11.module} (version ${pkcs11.version}).`,
    `${mtls.server} ${mtls.version} lets it in (${mtls.withCertificate}) and nobody without it (${mtls.withoutCertificate}).`,
    '',
    'Everything was real but the two keys, and all of it has been removed again.',
  ].join('\n');
}
