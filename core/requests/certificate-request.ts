import type { AttestationProblem } from '../failures.ts';
import type { FormFactor, KeyType, PinPolicy, TouchPolicy } from '../security-key.ts';
import type { Role } from './roles.ts';

/**
 * Who acts next:
 *   pending    an approver decides, or another one more where two are wanted (`approvals`)
 *   approved   the CA issues (only for the moment between decision and certificate; a CA that restarts goes on here), or,
 *              where approvers hold the CA's key, one of them signs
 *   issued     the applicant puts the certificate onto the key
 *   denied     nobody; the applicant may hand in a new request
 *   withdrawn  nobody; its applicant took it back
 *   expired    nobody; no approver decided in time
 */
export const REQUEST_STATUSES = ['pending', 'approved', 'issued', 'denied', 'withdrawn', 'expired'] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** Facts that signatures prove: the CSR's own and the attestation's. */
export interface VerifiedFacts {
  readonly keyType: KeyType;
  /** null: no attestation, or one that does not hold; then `attestationProblem` says why. */
  readonly attestation: AttestedFacts | null;
  readonly attestationProblem: AttestationProblem | null;
  /** With 'unknown-issuer': the certificate that is missing from the trusted ones. */
  readonly missingIssuer?: string;
}

/** What a genuine YubiKey says of the key in the CSR (Yubico PIV attestation, extensions under 1.3.6.1.4.1.41482.3). */
export interface AttestedFacts {
  /** Name of the trusted root the chain ends in. */
  readonly root: string;
  readonly serial: number | null;
  readonly firmware: string;
  readonly formFactor: FormFactor | null;
  readonly isFips: boolean;
  readonly pinPolicy: PinPolicy;
  readonly touchPolicy: TouchPolicy;
}

/** What somebody typed. Never drawn as if verified. */
export interface ClaimedFacts {
  readonly name: string;
  readonly email: string | null;
  /** Other names in the CSR, such as "uri:…" or "dns:…". */
  readonly otherNames: readonly string[];
  /** Name and e-mail were fixed by an invitation that an approver wrote. */
  readonly invitedAs: { readonly name: string; readonly email: string; readonly role: Role } | null;
}

/** An entry of the queue. */
export interface CertificateRequest {
  readonly id: string;
  readonly status: RequestStatus;
  /** DER PKCS#10: the approver's own program computes hash and words from it. */
  readonly csr: Uint8Array;
  /** Name of the policy's profile that the certificate will follow. */
  readonly profile: string;
  readonly submittedAt: Date;
  /** When it ends if nobody decides; null once decided. */
  readonly expiresAt: Date | null;
  /** Network address the request came from. */
  readonly submittedFrom: string;
  readonly verified: VerifiedFacts;
  readonly claimed: ClaimedFacts;
  /** Four words of the CSR's SHA-256, to compare by voice (core/requests/four-words.ts). */
  readonly words: readonly string[];
  /** Approvers who said yes so far, and how many are wanted. */
  readonly approvals: readonly { readonly by: string; readonly at: Date }[];
  readonly approvalsNeeded: number;
  /** It is that of the approver who asks (same person by e-mail address, or same key): another one decides. */
  readonly isOwn: boolean;
  /** Serial number of the certificate whose key proved that its holder asks again; null: a first enrollment. */
  readonly renews: string | null;
  readonly decision: { readonly by: string; readonly at: Date; readonly reason: string | null } | null;
  /** Of the issued certificate, in lower-case hex. */
  readonly certificateSerialNumber: string | null;
  readonly certificateExpiresAt: Date | null;
}
