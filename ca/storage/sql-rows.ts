/** Rows of the database and what they mean. Dates are milliseconds since 1970, facts are JSON, hashes hex. */
import { z } from 'zod';
import type { ClaimedFacts, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import { REQUEST_STATUSES } from '../../core/requests/certificate-request.ts';
import { CERTIFICATE_STATUSES, REVOCATION_REASONS } from '../../core/requests/issued-certificate.ts';
import { ROLES } from '../../core/requests/roles.ts';
import type {
  RevokedCertificate,
  StoredAuditEvent,
  StoredCertificate,
  StoredChallenge,
  StoredCheckpoint,
  StoredCrl,
  StoredInvitation,
  StoredRequest,
  StoredSession,
  StoredSigningJob,
  StoredStatement,
} from './store.ts';

/** libsql answers blobs as Buffer from one method and as ArrayBuffer from another. */
const bytes = z.union([z.instanceof(Uint8Array), z.instanceof(ArrayBuffer)]).transform((blob) => new Uint8Array(blob));
const date = z.number().transform((ms) => new Date(ms));
const role = z.enum(ROLES);

function json<T>(): z.ZodType<T> {
  // Only this program writes it, from values of the same type.
  return z.string().transform((text) => JSON.parse(text) as T);
}

export const requestRow = z
  .object({
    id: z.string(),
    csr: bytes,
    csr_sha256: z.string(),
    public_key_sha256: z.string(),
    status: z.enum(REQUEST_STATUSES),
    profile: z.string(),
    submitted_at: date,
    submitted_from: z.string(),
    expires_at: date,
    verified: json<VerifiedFacts>(),
    claimed: json<ClaimedFacts>(),
    words: json<readonly string[]>(),
    role,
    approvals_needed: z.number(),
    invitation_id: z.string().nullable(),
    renews_serial_number: z.string().nullable(),
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
      profile: row.profile,
      submittedAt: row.submitted_at,
      submittedFrom: row.submitted_from,
      expiresAt: row.expires_at,
      verified: row.verified,
      claimed: row.claimed,
      words: row.words,
      role: row.role,
      approvalsNeeded: row.approvals_needed,
      invitationId: row.invitation_id,
      renewsSerialNumber: row.renews_serial_number,
      decision: row.decided_by !== null && row.decided_at !== null ? { by: row.decided_by, at: row.decided_at, reason: row.reason } : null,
    }),
  );

export const statementRow = z
  .object({
    id: z.string(),
    kind: z.enum(['approve', 'deny', 'revoke', 'hold', 'release', 'revoke-person']),
    subject: z.string(),
    decided_by: z.string(),
    serial_number: z.string(),
    decided_at: date,
    statement: z.string(),
  })
  .transform((row): StoredStatement => ({ id: row.id, kind: row.kind, subject: row.subject, by: row.decided_by, serialNumber: row.serial_number, at: row.decided_at, statement: row.statement }));

export const certificateRow = z
  .object({
    serial_number: z.string(),
    request_id: z.string().nullable(),
    profile: z.string(),
    issuer_id: z.string(),
    crl_partition: z.number(),
    role: role.nullable(),
    name: z.string(),
    email: z.string().nullable(),
    key_serial: z.number().nullable(),
    public_key_sha256: z.string(),
    tbs: bytes,
    certificate: bytes.nullable(),
    made_at: date,
    expires_at: date,
    status: z.enum(CERTIFICATE_STATUSES),
    revoked_at: date.nullable(),
    revocation_reason: z.enum(REVOCATION_REASONS).nullable(),
  })
  .transform(
    (row): StoredCertificate => ({
      serialNumber: row.serial_number,
      requestId: row.request_id,
      profile: row.profile,
      issuerId: row.issuer_id,
      crlPartition: row.crl_partition,
      role: row.role,
      name: row.name,
      email: row.email,
      keySerial: row.key_serial,
      publicKeySha256: row.public_key_sha256,
      tbs: row.tbs,
      certificate: row.certificate,
      madeAt: row.made_at,
      expiresAt: row.expires_at,
      status: row.status,
      revokedAt: row.revoked_at,
      revocationReason: row.revocation_reason,
    }),
  );

export const revokedRow = z
  .object({ serial_number: z.string(), revoked_at: date, status: z.enum(CERTIFICATE_STATUSES), revocation_reason: z.enum(REVOCATION_REASONS).nullable() })
  .transform((row): RevokedCertificate => ({ serialNumber: row.serial_number, revokedAt: row.revoked_at, reason: row.status === 'held' ? null : (row.revocation_reason ?? 'unspecified') }));

export const invitationRow = z
  .object({
    id: z.string(),
    code_sha256: z.string(),
    name: z.string(),
    email: z.string(),
    role,
    profile: z.string(),
    approval: z.enum(['by-approver', 'automatic-if-attested', 'first-approver', 'renewal']),
    created_by: z.string(),
    created_at: date,
    expires_at: date,
    max_uses: z.number(),
    uses: z.number(),
    ended_at: date.nullable(),
    renews_serial_number: z.string().nullable(),
  })
  .transform(
    (row): StoredInvitation => ({
      id: row.id,
      codeSha256: row.code_sha256,
      name: row.name,
      email: row.email,
      role: row.role,
      profile: row.profile,
      approval: row.approval,
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      maxUses: row.max_uses,
      uses: row.uses,
      endedAt: row.ended_at,
      renewsSerialNumber: row.renews_serial_number,
    }),
  );

export const crlRow = z
  .object({ issuer_id: z.string(), crl_partition: z.number(), number: z.number(), this_update: date, next_update: date, crl: bytes })
  .transform((row): StoredCrl => ({ issuerId: row.issuer_id, partition: row.crl_partition, number: row.number, thisUpdate: row.this_update, nextUpdate: row.next_update, crl: row.crl }));

export const auditEventRow = z
  .object({
    sequence: z.number(),
    at: date,
    event: z.string(),
    actor: z.string(),
    actor_serial_number: z.string().nullable(),
    from_address: z.string(),
    http_request_id: z.string(),
    subject: z.string(),
    facts: json<StoredAuditEvent['facts']>(),
    previous_hash: z.string(),
    hash: z.string(),
  })
  .transform(
    (row): StoredAuditEvent => ({
      sequence: row.sequence,
      at: row.at,
      event: row.event,
      actor: row.actor,
      actorSerialNumber: row.actor_serial_number,
      from: row.from_address,
      httpRequestId: row.http_request_id,
      subject: row.subject,
      facts: row.facts,
      previousHash: row.previous_hash,
      hash: row.hash,
    }),
  );

export const checkpointRow = z
  .object({ sequence: z.number(), hash: z.string(), at: date, issuer_id: z.string(), signature: bytes })
  .transform((row): StoredCheckpoint => ({ sequence: row.sequence, hash: row.hash, at: row.at, issuerId: row.issuer_id, signature: row.signature }));

export const signingJobRow = z
  .object({
    id: z.string(),
    kind: z.enum(['certificate', 'crl', 'ocsp-responder', 'server-certificate', 'audit-checkpoint']),
    to_be_signed: bytes,
    about: z.string(),
    issuer: bytes,
    request_id: z.string().nullable(),
    created_at: date,
    signature: bytes.nullable(),
    signed_by: z.string().nullable(),
  })
  .transform(
    (row): StoredSigningJob => ({
      id: row.id,
      kind: row.kind,
      toBeSigned: row.to_be_signed,
      about: row.about,
      issuer: row.issuer,
      requestId: row.request_id,
      createdAt: row.created_at,
      signature: row.signature,
      signedBy: row.signed_by,
    }),
  );

export const challengeRow = z
  .object({ id: z.string(), challenge: bytes, expires_at: date })
  .transform((row): StoredChallenge => ({ id: row.id, challenge: row.challenge, expiresAt: row.expires_at }));

export const sessionRow = z
  .object({ token_sha256: z.string(), serial_number: z.string(), name: z.string(), expires_at: date })
  .transform((row): StoredSession => ({ tokenSha256: row.token_sha256, serialNumber: row.serial_number, name: row.name, expiresAt: row.expires_at }));

export const counterRow = z.object({ name: z.string(), value: z.number() });
export const countRow = z.object({ count: z.number() });
export const idRow = z.object({ id: z.string() });
export const partitionRow = z.object({ crl_partition: z.number() });
export const settingRow = z.object({ value: z.string() });
export const sequenceRow = z.object({ sequence: z.number() });
