/** A certificate that the CA issued, as approvers see it. */
import type { Role } from './roles.ts';

/**
 * Why a certificate is revoked, by the names of RFC 5280, section 5.3.1. The CA's own reasons (cACompromise,
 * aACompromise) are missing: nobody chooses them for a person's certificate. certificateHold is a status of its own here.
 */
export const REVOCATION_REASONS = ['unspecified', 'keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'privilegeWithdrawn'] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** 'held' can become 'good' again, 'revoked' never. An expired certificate keeps its status; `expiresAt` tells. */
export const CERTIFICATE_STATUSES = ['good', 'held', 'revoked'] as const;
export type CertificateStatus = (typeof CERTIFICATE_STATUSES)[number];

export interface IssuedCertificate {
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly name: string;
  readonly email: string | null;
  /** Name of the policy's profile it was issued by. */
  readonly profile: string;
  readonly role: Role;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly status: CertificateStatus;
  /** When it was revoked or put on hold. */
  readonly revokedAt: Date | null;
  readonly revocationReason: RevocationReason | null;
  /** Serial of the YubiKey that attested the key. */
  readonly keySerial: number | null;
  /** The queue entry it came from. */
  readonly requestId: string | null;
}
