/**
 * What this computer notes about an unfinished enrollment, so that it goes on tomorrow: public keys as SHA-256, the CSR,
 * the number of the request. The key and the CA stay the source of truth; a record only says which key pair in 9a is
 * ours, and which CSR the four words belong to. One thing in it is secret, and only between the end of an old key and the
 * handing in of the new one: the code to renew with, good for a day, one key and the same person. Files of records are
 * for their owner's eyes only.
 *
 *   generating ──▶ generated ──▶ (removed after the proof)
 *        ▲             │
 *        └─ discarded ◀┘ denied, or refused for its key type: the next run makes a new key pair without asking
 */
import { z } from 'zod';
import { fromBase64, toBase64 } from '../bytes.ts';

/** How far the key pair of the enrollment has come; hashes are SHA-256 of the DER SubjectPublicKeyInfo in lower-case hex. */
export type RecordedKeyPair =
  /** Written before the key generates: whatever comes to lie in 9a in place of `before` is ours. */
  | { readonly kind: 'generating'; readonly before: string | null }
  | { readonly kind: 'generated'; readonly publicKeySha256: string }
  | { readonly kind: 'discarded'; readonly publicKeySha256: string };

export interface EnrollmentRecord {
  /** See {@link recordId}. */
  readonly id: string;
  readonly keyPair: RecordedKeyPair;
  /** DER; stored before it is handed in, so that handing in again hands in the same. */
  readonly csr: Uint8Array | null;
  /** At the CA; null: not handed in, or its answer was lost. */
  readonly request: RecordedRequest | null;
  /** What the old key was asked for before it went; gone once it is handed in. */
  readonly renewal?: RecordedRenewal | null;
}

/** See CertificateAuthority.renewalCode. */
export interface RecordedRenewal {
  readonly code: string;
  readonly expiresAt: Date;
}

export interface RecordedRequest {
  readonly id: string;
  readonly submittedAt: Date;
}

/** Where records live; one per key and CA. Implementations keep them across restarts, and write before they answer. */
export interface EnrollmentRecords {
  /** null where there is none, and where what is stored cannot be read. */
  read(id: string): Promise<EnrollmentRecord | null>;
  write(record: EnrollmentRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

/** The record of one key at one CA. A YubiKey 4 does not tell its serial: all of them share one record per CA. */
export function recordId(serial: number | null, caFingerprint: string): string {
  return `${serial ?? 'unnumbered'}-${caFingerprint.slice(0, 32)}`;
}

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const recordJson = z.object({
  id: z.string().regex(/^(\d{1,10}|unnumbered)-[0-9a-f]{32}$/),
  keyPair: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('generating'), before: sha256Hex.nullable() }),
    z.object({ kind: z.literal('generated'), publicKeySha256: sha256Hex }),
    z.object({ kind: z.literal('discarded'), publicKeySha256: sha256Hex }),
  ]),
  csr: z.base64().max(65_536).nullable(),
  request: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/), submittedAt: z.iso.datetime() }).nullable(),
  renewal: z.object({ code: z.string().min(1).max(200), expiresAt: z.iso.datetime() }).nullish(),
});

/** A record as JSON text, for implementations of {@link EnrollmentRecords}. */
export function formatRecord(record: EnrollmentRecord): string {
  return JSON.stringify({ ...record, csr: record.csr === null ? null : toBase64(record.csr) });
}

/** The inverse of {@link formatRecord}; null for anything else. */
export function parseRecord(text: string): EnrollmentRecord | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = recordJson.safeParse(json);
  if (!parsed.success) return null;
  const { id, keyPair, csr, request, renewal } = parsed.data;
  return {
    id,
    keyPair,
    csr: csr === null ? null : fromBase64(csr),
    request: request === null ? null : { id: request.id, submittedAt: new Date(request.submittedAt) },
    ...(renewal == null ? {} : { renewal: { code: renewal.code, expiresAt: new Date(renewal.expiresAt) } }),
  };
}
