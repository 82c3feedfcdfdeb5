/** A pinned CA as the JSON that settings files keep. What was added later is optional, so that older files are still read. */
import { z } from 'zod';
import { fromBase64, toBase64 } from './bytes.ts';
import { AUTHORITY_PROTOCOLS, type PinnedAuthority } from './certificate-authority.ts';

export const storedAuthority = z.object({
  address: z.string(),
  name: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  caCertificate: z.base64(),
  issuers: z.array(z.base64()).default([]),
  protocol: z.enum(AUTHORITY_PROTOCOLS).exactOptional(),
  label: z.string().exactOptional(),
  serverTrust: z.literal('public').exactOptional(),
});
export type StoredAuthority = z.infer<typeof storedAuthority>;

/** As it is written down. */
export function storeAuthority(authority: PinnedAuthority): StoredAuthority {
  return { ...authority, caCertificate: toBase64(authority.caCertificate), issuers: (authority.issuers ?? []).map(toBase64) };
}

/** The inverse of {@link storeAuthority}. */
export function restoreAuthority({ issuers, ...stored }: StoredAuthority): PinnedAuthority {
  return { ...stored, caCertificate: fromBase64(stored.caCertificate), ...(issuers.length === 0 ? {} : { issuers: issuers.map(fromBase64) }) };
}
