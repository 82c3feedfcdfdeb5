import { join } from 'node:path';
import { sha256, toHex } from '../core/bytes.ts';
import type { PinnedAuthority } from '../core/certificate-authority.ts';
import { restoreAuthority, storeAuthority, storedAuthority } from '../core/stored-authority.ts';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import type { Folders } from './folders.ts';

/** The CA that this computer trusts, or null. A file that does not hold together counts as none: it is never half believed. */
export async function readPinnedAuthority(folders: Folders): Promise<PinnedAuthority | null> {
  const text = await readFileIfThere(pathIn(folders));
  if (text === null) return null;
  const parsed = storedAuthority.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const authority = restoreAuthority(parsed.data);
  return toHex(await sha256(authority.caCertificate)) === authority.fingerprint ? authority : null;
}

/** From now on this computer trusts this CA and no other. */
export async function writePinnedAuthority(folders: Folders, authority: PinnedAuthority): Promise<void> {
  await writeFileAtomically(pathIn(folders), `${JSON.stringify(storeAuthority(authority), null, 2)}\n`);
}

function pathIn(folders: Folders): string {
  return join(folders.config, 'authority.json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
