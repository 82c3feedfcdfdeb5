/**
 * The HTTP contract between authorities/latchkey and ca/http: paths, bodies, problems. Both sides parse with these.
 * Bytes are base64 (RFC 4648, section 4), dates ISO 8601 in UTC, errors problem+json (RFC 9457).
 */
import { z } from 'zod';
import type { CertificateRequest } from './requests/certificate-request.ts';
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
  /** DELETE, with the session's token. Everything below wants `Authorization: Bearer TOKEN`. */
  session: '/api/v1/session',
  /** GET `?limit=N`, answers {@link queueBody}. */
  queue: '/api/v1/queue',
  /** GET, answers one {@link queueEntryBody}. */
  queueEntry: (id: string) => `/api/v1/queue/${id}`,
  /** POST nothing. */
  approve: (id: string) => `/api/v1/queue/${id}/approve`,
  /** POST {@link denyBody}. */
  deny: (id: string) => `/api/v1/queue/${id}/deny`,
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
const status = z.enum(['pending', 'approved', 'issued', 'denied']);
export const requestIdPattern = /^[0-9a-f]{32}$/;
const requestId = z.string().regex(requestIdPattern);

export const authorityBody = z.object({ name: z.string(), caCertificate: bytes });
export const submitBody = z.object({ csr: bytes, invitationCode: z.string().max(200).optional() });
export const submittedBody = z.object({
  id: requestId,
  status,
  submittedAt: date,
  certificate: bytes.optional(),
  denialReason: z.string().optional(),
});
export const invitationCodeBody = z.object({ code: z.string().max(200) });
export const invitationBody = z.object({ name: z.string(), email: z.string(), role: z.enum(['user', 'approver']), expiresAt: date });
export const challengeBody = z.object({ challengeId: requestId, challenge: bytes, expiresAt: date });
export const signInBody = z.object({ challengeId: requestId, certificate: bytes, signature: bytes });
export const sessionBody = z.object({ token: z.string(), name: z.string(), expiresAt: date });
export const denyBody = z.object({ reason: z.string().trim().min(1).max(500) });

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
  submittedAt: date,
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
    invitedAs: z.object({ name: z.string(), email: z.string(), role: z.enum(['user', 'approver']) }).nullable(),
  }),
  words: z.array(z.string()),
  decision: z.object({ by: z.string(), at: date, reason: z.string().nullable() }).nullable(),
  certificateSerialNumber: z.string().nullable(),
  certificateExpiresAt: date.nullable(),
}) satisfies z.ZodType<CertificateRequest>;
export const queueBody = z.object({ requests: z.array(queueEntryBody) });

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
  z.object({ kind: z.literal('too-many-requests'), retryAfterSeconds: z.number() }),
  z.object({ kind: z.literal('unexpected'), id: z.string() }),
]);

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
