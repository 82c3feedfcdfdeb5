/**
 * The HTTP contract between authorities/latchkey and ca/http: paths, bodies, problems. Both sides parse with these.
 * Bytes are base64 (RFC 4648, section 4), dates ISO 8601 in UTC, errors problem+json (RFC 9457).
 */
import { z } from 'zod';
import type { AuditEvent } from './requests/audit-event.ts';
import { REQUEST_STATUSES, type CertificateRequest } from './requests/certificate-request.ts';
import { MAX_DECISIONS } from './requests/decision.ts';
import type { CreatedInvitation, InvitationView, WantedInvitation } from './requests/invitation-view.ts';
import { CERTIFICATE_STATUSES, REVOCATION_REASONS, type IssuedCertificate } from './requests/issued-certificate.ts';
import { OFFICER_ROLES, ROLES } from './requests/roles.ts';
import { concatBytes, fromBase64, fromHex, toBase64 } from './bytes.ts';
import { KEY_TYPES } from './security-key.ts';

export const API = {
  /** GET, answers {@link authorityBody}. */
  authority: '/api/v1/authority',
  /** POST {@link submitBody}; answers {@link submittedBody}, 202 with Retry-After while it waits. */
  requests: '/api/v1/requests',
  /** GET, answers {@link submittedBody}; the applicant's view. The id is a secret of 128 bits. */
  request: (id: string) => `/api/v1/requests/${id}`,
  /** GET, answers {@link submittedBody} of the newest request for this key, 404 request-unknown. */
  requestForKey: (publicKeySha256: string) => `/api/v1/keys/${publicKeySha256}/request`,
  /** POST {@link invitationCodeBody} (never in a URL); answers {@link invitationBody}. */
  invitationLookup: '/api/v1/invitations/lookup',
  /** POST nothing; answers {@link challengeBody}. */
  signInChallenge: '/api/v1/sign-in/challenge',
  /** POST {@link signInBody}; answers {@link sessionBody}. */
  signIn: '/api/v1/sign-in',
  /** DELETE, with the session's token. Everything below but the renewal and the withdrawal wants `Authorization: Bearer TOKEN`. */
  session: '/api/v1/session',
  /** POST nothing, by the applicant; answers {@link submittedBody}. */
  withdraw: (id: string) => `/api/v1/requests/${id}/withdraw`,
  /** POST {@link signInBody} over {@link renewalMessage}; answers {@link renewalBody}. Needs no session. */
  renewal: '/api/v1/renewal',
  /** GET {@link queueQuery}, answers {@link queueBody}. */
  queue: '/api/v1/queue',
  /** GET, answers one {@link queueEntryBody}. */
  queueEntry: (id: string) => `/api/v1/queue/${id}`,
  /** POST {@link decisionsBody}; answers {@link outcomesBody}, one for each. */
  decisions: '/api/v1/decisions',
  /** GET {@link certificateQuery}, answers {@link certificatesBody}. */
  certificates: '/api/v1/certificates',
  /** GET {@link pageQuery}, answers {@link invitationsBody}; POST {@link inviteBody}, answers {@link createdInvitationBody}. */
  invitations: '/api/v1/invitations',
  /** DELETE, answers {@link invitationViewBody}. */
  invitation: (id: string) => `/api/v1/invitations/${id}`,
  /** GET, answers {@link officersBody}. */
  officers: '/api/v1/officers',
  /** POST {@link roleBody}, answers {@link issuedCertificateBody}. */
  role: (serialNumber: string) => `/api/v1/certificates/${serialNumber}/role`,
  /** GET {@link pageQuery}, answers {@link auditBody}. */
  audit: '/api/v1/audit',
  /** GET, answers {@link profilesBody}. */
  profiles: '/api/v1/profiles',
  /** GET, answers {@link signingJobsBody}. */
  signingJobs: '/api/v1/signing-jobs',
  /** POST {@link signatureBody}. */
  signingJob: (id: string) => `/api/v1/signing-jobs/${id}`,
} as const;

/** Largest body the CA reads; a CSR with RSA-4096 and an attestation is about 6 KB. */
export const MAX_BODY_BYTES = 64 * 1024;

const bytes = z.string().max(MAX_BODY_BYTES).transform((text, context) => {
  try {
    return fromBase64(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not base64' });
    return z.NEVER;
  }
});
const date = z.iso.datetime().transform((text) => new Date(text));
const status = z.enum(REQUEST_STATUSES);
const role = z.enum(ROLES);
const serialNumber = z.string().regex(/^[0-9a-f]{2,40}$/);
export const requestIdPattern = /^[0-9a-f]{32}$/;
const requestId = z.string().regex(requestIdPattern);

/** `caCertificate` is the one to pin; `issuers` are the CAs below it that sign now or did (DER), none where it signs itself. */
export const authorityBody = z.object({ name: z.string(), caCertificate: bytes, issuers: z.array(bytes).default([]) });
export const submitBody = z.object({ csr: bytes, invitationCode: z.string().max(200).optional() });
export const submittedBody = z.object({
  id: requestId,
  status,
  submittedAt: date,
  certificate: bytes.optional(),
  chain: z.array(bytes).optional(),
  denialReason: z.string().optional(),
});
export const invitationCodeBody = z.object({ code: z.string().max(200) });
export const invitationBody = z.object({ name: z.string(), email: z.string(), role, expiresAt: date });
export const challengeBody = z.object({ challengeId: requestId, challenge: bytes, expiresAt: date });
export const signInBody = z.object({ challengeId: requestId, certificate: bytes, signature: bytes });
export const sessionBody = z.object({ token: z.string(), name: z.string(), role: z.enum(OFFICER_ROLES), serialNumber, expiresAt: date });
export const renewalBody = z.object({ code: z.string(), expiresAt: date });

const attested = z.object({
  root: z.string(),
  serial: z.number().int().nullable(),
  firmware: z.string(),
  formFactor: z.enum(['usb-a-keychain', 'usb-a-nano', 'usb-c-keychain', 'usb-c-nano', 'usb-c-lightning', 'usb-a-bio', 'usb-c-bio']).nullable(),
  isFips: z.boolean(),
  pinPolicy: z.enum(['never', 'once', 'always', 'match-once', 'match-always']),
  touchPolicy: z.enum(['never', 'always', 'cached']),
});

export const queueEntryBody = z.object({
  id: requestId,
  status,
  csr: bytes,
  profile: z.string(),
  submittedAt: date,
  expiresAt: date.nullable(),
  submittedFrom: z.string(),
  verified: z.object({
    keyType: z.enum(KEY_TYPES),
    attestation: attested.nullable(),
    attestationProblem: z.enum(['missing', 'unreadable', 'signature', 'other-key', 'unknown-issuer']).nullable(),
    missingIssuer: z.string().exactOptional(),
  }),
  claimed: z.object({
    name: z.string(),
    email: z.string().nullable(),
    otherNames: z.array(z.string()),
    invitedAs: z.object({ name: z.string(), email: z.string(), role }).nullable(),
  }),
  words: z.array(z.string()),
  approvals: z.array(z.object({ by: z.string(), at: date })),
  approvalsNeeded: z.number().int(),
  isOwn: z.boolean(),
  renews: z.string().nullable(),
  decision: z.object({ by: z.string(), at: date, reason: z.string().nullable() }).nullable(),
  certificateSerialNumber: z.string().nullable(),
  certificateExpiresAt: date.nullable(),
}) satisfies z.ZodType<CertificateRequest>;
const cursor = z.string().max(200);
/** Of a URL: numbers come as text. */
export const pageQuery = z.object({ search: z.string().max(200).optional(), after: cursor.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) });
export const queueQuery = pageQuery.extend({ list: z.enum(['pending', 'decided']).default('pending') });
export const queueBody = z.object({
  requests: z.array(queueEntryBody),
  next: cursor.nullable(),
  counts: z.object({ pending: z.number().int(), decided: z.number().int() }),
});

/** Each a compact JWS: core/requests/decision-statement.ts. */
const MAX_STATEMENT = 16_384;
export const decisionsBody = z.object({ statements: z.array(z.string().max(MAX_STATEMENT)).min(1).max(MAX_DECISIONS) });
/** Largest body of decisions: only approvers who are signed in can send so much. */
export const MAX_DECISIONS_BYTES = MAX_DECISIONS * (MAX_STATEMENT + 8);

export const issuedCertificateBody = z.object({
  serialNumber,
  name: z.string(),
  email: z.string().nullable(),
  profile: z.string(),
  role,
  issuedAt: date,
  expiresAt: date,
  status: z.enum(CERTIFICATE_STATUSES),
  revokedAt: date.nullable(),
  revocationReason: z.enum(REVOCATION_REASONS).nullable(),
  keySerial: z.number().int().nullable(),
  requestId: z.string().nullable(),
}) satisfies z.ZodType<IssuedCertificate>;
export const certificateQuery = pageQuery.extend({ status: z.enum(CERTIFICATE_STATUSES).optional() });
export const certificatesBody = z.object({ certificates: z.array(issuedCertificateBody), next: cursor.nullable() });
export const officersBody = z.object({ officers: z.array(issuedCertificateBody) });
export const roleBody = z.object({ role });

const invited = { name: z.string().max(200), email: z.string().max(320), role, profile: z.string().max(64), uses: z.number().int(), isAutomatic: z.boolean() };
export const inviteBody = z.object({ ...invited, days: z.number().int() }) satisfies z.ZodType<WantedInvitation>;
export const invitationViewBody = z.object({
  ...invited,
  id: requestId,
  state: z.enum(['open', 'used', 'expired', 'ended']),
  createdAt: date,
  createdBy: z.string(),
  expiresAt: date,
  usesLeft: z.number().int(),
}) satisfies z.ZodType<InvitationView>;
export const invitationsBody = z.object({ invitations: z.array(invitationViewBody), next: cursor.nullable() });
export const createdInvitationBody = z.object({ invitation: invitationViewBody, link: z.string() }) satisfies z.ZodType<CreatedInvitation>;

export const auditEventBody = z.object({
  sequence: z.number().int(),
  at: date,
  event: z.string(),
  actor: z.string(),
  actorSerialNumber: z.string().nullable(),
  from: z.string(),
  httpRequestId: z.string(),
  subject: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  hash: z.string(),
}) satisfies z.ZodType<AuditEvent>;
export const auditBody = z.object({
  events: z.array(auditEventBody),
  next: cursor.nullable(),
  verified: z.object({ at: date, isWhole: z.boolean(), events: z.number().int() }).nullable(),
});

export const profilesBody = z.object({
  profiles: z.array(z.object({ name: z.string(), kind: z.enum(['person', 'device', 'server']), mayBeAutomatic: z.boolean() })),
});
export const signingJobsBody = z.object({
  jobs: z.array(
    z.object({
      id: requestId,
      kind: z.enum(['certificate', 'crl', 'ocsp-responder', 'server-certificate', 'audit-checkpoint']),
      toBeSigned: bytes,
      about: z.string(),
      issuer: bytes,
      requestId: requestId.nullable(),
    }),
  ),
});
export const signatureBody = z.object({ signature: bytes });

/** problem+json. `failure` carries kind and facts of core/failures.ts; parsed with {@link authorityFailure}. */
export const problemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  failure: z.unknown().optional(),
});

/** The failures a CA may answer with; anything else is authority-protocol. */
export const authorityFailure = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('authority-locked') }),
  z.object({ kind: z.literal('invitation-unknown') }),
  z.object({ kind: z.literal('invitation-expired') }),
  z.object({ kind: z.literal('invitation-used') }),
  z.object({ kind: z.literal('csr-unreadable'), detail: z.string().exactOptional() }),
  z.object({ kind: z.literal('csr-signature-invalid') }),
  z.object({ kind: z.literal('csr-key-refused'), keyType: z.string() }),
  z.object({ kind: z.literal('csr-name-refused'), field: z.string() }),
  z.object({
    kind: z.literal('attestation-refused'),
    problem: z.enum(['missing', 'unreadable', 'signature', 'other-key', 'unknown-issuer']),
    issuer: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('request-malformed'), detail: z.string().exactOptional() }),
  z.object({ kind: z.literal('request-too-large'), limitBytes: z.number() }),
  z.object({ kind: z.literal('request-unknown') }),
  z.object({ kind: z.literal('request-denied'), reason: z.string() }),
  z.object({ kind: z.literal('request-already-decided'), status: z.string() }),
  z.object({ kind: z.literal('not-signed-in') }),
  z.object({ kind: z.literal('not-an-approver') }),
  z.object({ kind: z.literal('sign-in-rejected'), reason: z.enum(['challenge', 'signature', 'certificate', 'expired', 'revoked']) }),
  z.object({ kind: z.literal('not-allowed'), wanted: z.enum(OFFICER_ROLES) }),
  z.object({ kind: z.literal('own-request') }),
  z.object({ kind: z.literal('already-approved-by-you') }),
  z.object({ kind: z.literal('statement-refused'), problem: z.enum(['unreadable', 'signature', 'other-certificate', 'other-authority', 'other-request', 'time', 'used']) }),
  z.object({ kind: z.literal('certificate-unknown') }),
  z.object({ kind: z.literal('certificate-revoked') }),
  z.object({ kind: z.literal('certificate-not-held') }),
  z.object({ kind: z.literal('last-owner') }),
  z.object({ kind: z.literal('invitation-refused'), field: z.enum(['name', 'email', 'role', 'profile', 'days', 'uses', 'isAutomatic']) }),
  z.object({ kind: z.literal('invitation-ended') }),
  z.object({ kind: z.literal('renewal-refused'), reason: z.enum(['challenge', 'signature', 'certificate', 'expired', 'revoked']) }),
  z.object({ kind: z.literal('policy-violated'), profile: z.string(), rule: z.string(), detail: z.string() }),
  z.object({ kind: z.literal('profile-unknown'), profile: z.string() }),
  z.object({ kind: z.literal('certificate-lint-failed'), problems: z.array(z.string()) }),
  z.object({ kind: z.literal('signature-refused') }),
  z.object({ kind: z.literal('too-many-requests'), retryAfterSeconds: z.number() }),
  z.object({ kind: z.literal('unexpected'), id: z.string() }),
]);

/** Answers to {@link decisionsBody}, in its order. */
export const outcomesBody = z.object({
  outcomes: z.array(
    z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), request: queueEntryBody.nullable(), certificates: z.array(issuedCertificateBody) }),
      z.object({ ok: z.literal(false), failure: authorityFailure }),
    ]),
  ),
});

/** What goes over the wire for a value of one of the bodies above: bytes as base64, dates as ISO 8601. */
export function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toWire(part)]));
  }
  return value;
}

/**
 * The bytes an approver's key signs to sign in: a fixed prefix (so that no other signature can stand for it), the CA's
 * fingerprint (so that no other CA can pass a challenge on) and the challenge.
 */
export function signInMessage(caFingerprint: string, challenge: Uint8Array): Uint8Array {
  return concatBytes(new TextEncoder().encode('latchkey-sign-in-v1\0'), fromHex(caFingerprint), challenge);
}

/** As {@link signInMessage}, for a code to renew with ({@link API.renewal}): neither signature can stand for the other. */
export function renewalMessage(caFingerprint: string, challenge: Uint8Array): Uint8Array {
  return concatBytes(new TextEncoder().encode('latchkey-renewal-v1\0'), fromHex(caFingerprint), challenge);
}
