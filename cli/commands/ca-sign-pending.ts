/** `latchkey ca sign-pending` */
import { FOLDER, readFolderFile } from '../../ca/folder.ts';
import { signPending, type SignedJob } from '../../ca/sign-pending.ts';
import { openStore } from '../../ca/storage/open-store.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { openHeldKey } from '../held-key.ts';

export interface SignPendingOptions {
  readonly dir: string;
  readonly keyFile?: string;
  readonly keyUri?: string;
}

function line({ job, refused }: SignedJob): string {
  return refused === undefined ? `Signed: ${job.kind}, ${job.about}` : `Not signed: ${job.kind}, ${job.about} (${refused})`;
}

/** `latchkey ca sign-pending`: signs everything that holds, and says why the rest was left. */
export async function signWaiting(context: CommandContext, { dir, keyFile, keyUri }: SignPendingOptions): Promise<Outcome> {
  const there = await readFolderFile(dir, FOLDER.certificate);
  if (!there.ok) return there;
  const key = await openHeldKey(context, keyFile, keyUri);
  if (!key.ok) return key;
  const opened = await openStore({ folder: dir });
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const signed = await signPending(store, key.value);
    if (!signed.ok) return signed;
    const text = signed.value.length === 0 ? 'Nothing waits for a signature.' : signed.value.map(line).join('\n');
    return { ok: true, json: { signatures: signed.value.map(({ job: { id, kind, about }, refused }) => ({ id, kind, about, refused: refused ?? null })) }, text };
  } finally {
    await store.close();
  }
}
