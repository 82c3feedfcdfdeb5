/** Rows of the SQLite file and what they mean. Dates are milliseconds since 1970, facts are JSON, hashes hex. */
import { z } from 'zod';
import type { ClaimedFacts, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import type { StoredCertificate, StoredChallenge, StoredInvitation, StoredRequest, StoredSession } from './store.ts';

/** libsql answers blobs as Buffer from one method and as ArrayBuffer from another. */
const bytes = z.union([z.instanceof(Uint8Array), z.instanceof(ArrayBuffer)]).transform((blob) => new Uint8Array(blob));
const date = z.number().transform((ms) => new Date(ms));
const role = z.enum(['user', 'approver']);

function json<T>(): z.ZodType<T> {
  // Only this process writes it, from values of the same type.
  return z.string().transform((text) => JSON.parse(text) as T);
}

export const requestRow = z
  .object({
    id: z.string(),
    csr: bytes,
    csr_sha256: z.string(),
    public_key_sha256: z.string(),
    status: z.enum(['pending', 'approved', 'issued', 'denied']),
    submitted_at: date,
    submitted_from: z.string(),
    verified: json<VerifiedFacts>(),
    claimed: json<ClaimedFacts>(),
    words: json<readonly string[]>(),
    role,
    invitation_id: z.string().nullable(),
    decided_by: z.string().nullable(),
    decided_at: date.nullable(),
    reason: z.string().nullable(),
  })
  .transform(
    (row): StoredRequest => ({
      id: row.id,
      csr: row.csr,
      csrSha256: row.csr_sha256,
      publicKeySha256: row.public_key_sha256,
      status: row.status,
      submittedAt: row.submitted_at,
      submittedFrom: row.submitted_from,
      verified: row.verified,
      claimed: row.claimed,
      words: row.words,
      role: row.role,
      invitationId: row.invitation_id,
      decision: row.decided_by !== null && row.decided_at !== null ? { by: row.decided_by, at: row.decided_at, reason: row.reason } : null,
    }),
  );

export const certificateRow = z
  .object({
    serial_number: z.string(),
    request_id: z.string().nullable(),
    profile: z.enum(['person', 'authority-server', 'authority']),
    role: role.nullable(),
    name: z.string(),
    tbs: bytes,
    certificate: bytes.nullable(),
    made_at: date,
    expires_at: date,
  })
  .transform(
    (row): StoredCertificate => ({
      serialNumber: row.serial_number,
      requestId: row.request_id,
      profile: row.profile,
      role: row.role,
      name: row.name,
      tbs: row.tbs,
      certificate: row.certificate,
      madeAt: row.made_at,
      expiresAt: row.expires_at,
    }),
  );

export const invitationRow = z
  .object({
    id: z.string(),
    code_sha256: z.string(),
    name: z.string(),
    email: z.string(),
    role,
    approval: z.enum(['by-approver', 'automatic-if-attested', 'first-approver']),
    created_at: date,
    expires_at: date,
    used_by: z.string().nullable(),
  })
  .transform(
    (row): StoredInvitation => ({
      id: row.id,
      codeSha256: row.code_sha256,
      name: row.name,
      email: row.email,
      role: row.role,
      approval: row.approval,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      usedBy: row.used_by,
    }),
  );

export const challengeRow = z
  .object({ id: z.string(), challenge: bytes, expires_at: date })
  .transform((row): StoredChallenge => ({ id: row.id, challenge: row.challenge, expiresAt: row.expires_at }));

export const sessionRow = z
  .object({ token_sha256: z.string(), serial_number: z.string(), name: z.string(), expires_at: date })
  .transform((row): StoredSession => ({ tokenSha256: row.token_sha256, serialNumber: row.serial_number, name: row.name, expiresAt: row.expires_at }));

export const countRow = z.object({ count: z.number() });
export const idRow = z.object({ id: z.string() });
export const settingRow = z.object({ value: z.string() });
