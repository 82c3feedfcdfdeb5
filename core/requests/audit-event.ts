/** Every event there is. Never renamed: logs are kept for years. */
export const AUDIT_EVENTS = [
  'request-submitted',
  'request-approved',
  'request-approved-in-part',
  'request-denied',
  'request-withdrawn',
  'request-expired',
  'certificate-planned',
  'certificate-issued',
  'certificate-revoked',
  'certificate-held',
  'certificate-released',
  'invitation-created',
  'invitation-used',
  'invitation-ended',
  'renewal-proven',
  'signed-in',
  'sign-in-refused',
  'role-changed',
  'owner-recovered',
  'policy-loaded',
  'policy-refused',
  'server-started',
  'server-certificate-issued',
  'crl-issued',
  'ocsp-responder-issued',
  'issuer-activated',
  'signature-handed-in',
  'store-restored',
  'store-migrated',
] as const;
export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/** A line of the CA's audit log, as owners, approvers and auditors read it. */
export interface AuditEvent {
  /** 1, 2, 3 …, without gaps. */
  readonly sequence: number;
  readonly at: Date;
  /** One of {@link AUDIT_EVENTS}, or one of a newer CA. */
  readonly event: string;
  /** Who: a name; 'CA' for what it does by itself. */
  readonly actor: string;
  /** Serial number of the certificate that signed in, where somebody did. */
  readonly actorSerialNumber: string | null;
  /** Network address; '' for what happens on the machine. */
  readonly from: string;
  /** Of the HTTP request (header X-Request-Id of its answer); '' otherwise. */
  readonly httpRequestId: string;
  /** What it is about: id of a queue entry or invitation, serial number, e-mail address. */
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** SHA-256 over this line and the hash before it, lower-case hex. */
  readonly hash: string;
}
