/**
 * `ca init --held`: a CA whose key an approver holds. While the key is at hand it signs what the server needs to start: its
 * TLS certificate and the first CRL. After that the folder has no key that could sign for the CA.
 */
import { rm } from 'node:fs/promises';
import { failed, success, type Result } from '../core/result.ts';
import type { Context } from './domain/context.ts';
import { renewDueCrls } from './domain/crl.ts';
import { DEFAULT_POLICY } from './domain/policy.ts';
import { finishServerCertificate, planServerCertificate } from './domain/server-certificate.ts';
import { errorCode, writeDurably } from './folder.ts';
import { HELD_SERVER_PROFILE, keepServerCertificate } from './held-server-certificate.ts';
import { initAuthority, type CreatedAuthority, type NewAuthority } from './init.ts';
import { whereAvailable } from './keys/authority-key.ts';
import { silent } from './log.ts';
import { openStore } from './storage/open-store.ts';

export interface NewHeldAuthority extends Omit<NewAuthority, 'isRoot' | 'isHeld'> {
  /** Where a new key goes, encrypted with the passphrase. Unused with a key that is on a token or in a file already. */
  readonly keyOut?: string;
  /** What the server is called by: names and addresses. */
  readonly hosts: readonly string[];
}

/** Nothing of the key is on disk before the folder is, and the folder not before the key. */
async function keepNewKey(path: string, pem: string): Promise<Result<void>> {
  try {
    await writeDurably(path, pem, 0o600);
    return success(undefined);
  } catch (error) {
    return failed({ kind: 'file-unwritable', path, detail: errorCode(error) ?? '' });
  }
}

/** Fails as {@link initAuthority}, with request-malformed (nowhere for a new key to go) and file-unwritable. */
export async function initHeldAuthority(options: NewHeldAuthority, now: Date = new Date()): Promise<Result<CreatedAuthority>> {
  const { keyOut, hosts, dir, ...wanted } = options;
  const isNewFile = wanted.keyUri === undefined && wanted.importKey === undefined;
  if (isNewFile && keyOut === undefined) return failed({ kind: 'request-malformed', detail: 'a new key needs a file to go to' });
  const created = await initAuthority({ ...wanted, dir, isHeld: true }, now);
  if (!created.ok) return created;
  const { place, authority } = created.value;
  if (isNewFile && keyOut !== undefined && place.kind === 'file') {
    const kept = await keepNewKey(keyOut, place.pem);
    if (!kept.ok) {
      // A CA without any key is good for nothing.
      await rm(dir, { recursive: true, force: true });
      return kept;
    }
  }
  const opened = await openStore({ folder: dir });
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const context: Context = { authority, formerAuthorities: [], store, trust: { certificates: [] }, policy: DEFAULT_POLICY, clock: () => now, log: silent };
    const plan = await planServerCertificate(context, hosts, HELD_SERVER_PROFILE);
    const certificate = await whereAvailable(async () => success(await finishServerCertificate(context, plan)));
    // Without it the CA is there all the same: the server asks for it when it starts.
    if (!certificate.ok) return certificate;
    await keepServerCertificate(dir, certificate.value);
    await renewDueCrls(context);
  } finally {
    await store.close();
  }
  return created;
}
