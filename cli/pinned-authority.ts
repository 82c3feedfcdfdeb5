import { join } from 'node:path';
import { z } from 'zod';
import { fromBase64, sha256, toBase64, toHex } from '../core/bytes.ts';
import type { PinnedAuthority } from '../core/certificate-authority.ts';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import type { Folders } from './folders.ts';

const stored = z.object({ address: z.string(), name: z.string(), fingerprint: z.string(), caCertificate: z.base64(), issuers: z.array(z.base64()).default([]) });

/** The CA that this computer trusts, or null. A file that does not hold together counts as none: it is never half believed. */
export async function readPinnedAuthority(folders: Folders): Promise<PinnedAuthority | null> {
  const text = await readFileIfThere(pathIn(folders));
  if (text === null) return null;
  const parsed = stored.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const caCertificate = fromBase64(parsed.data.caCertificate);
  if (toHex(await sha256(caCertificate)) !== parsed.data.fingerprint) return null;
  const { issuers, ...pinned } = parsed.data;
  return { ...pinned, caCertificate, ...(issuers.length === 0 ? {} : { issuers: issuers.map(fromBase64) }) };
}

/** From now on this computer trusts this CA and no other. */
export async function writePinnedAuthority(folders: Folders, authority: PinnedAuthority): Promise<void> {
  const text = { ...authority, caCertificate: toBase64(authority.caCertificate), issuers: (authority.issuers ?? []).map(toBase64) };
  await writeFileAtomically(pathIn(folders), `${JSON.stringify(text, null, 2)}\n`);
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
