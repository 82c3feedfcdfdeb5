/**
 * A certificate authority as the rest of the product sees it. authorities/ has one file an implementation.
 * Addresses are origins such as "https://ca.example.org:8443"; fingerprints are SHA-256 over the DER certificate of
 * the CA in lower-case hex.
 */
import type { CertificateRequest, RequestStatus } from './requests/certificate-request.ts';
import type { Result } from './result.ts';

/** What pins a CA: from here on TLS to it trusts this certificate only. */
export interface PinnedAuthority {
  readonly address: string;
  readonly name: string;
  readonly fingerprint: string;
  /** DER. */
  readonly caCertificate: Uint8Array;
}

/** Where a request stands, as its own applicant sees it. */
export interface SubmittedRequest {
  readonly id: string;
  readonly status: RequestStatus;
  readonly submittedAt: Date;
  /** DER; present when `status` is 'issued'. */
  readonly certificate?: Uint8Array;
  /** Present when `status` is 'denied'. */
  readonly denialReason?: string;
  /** How long to wait before asking again. */
  readonly retryAfterSeconds?: number;
}

/** The applicant's side of a pinned CA. Everything fails with authority-unreachable, -untrusted or -protocol too. */
export interface CertificateAuthority {
  /**
   * Hands in a DER CSR. Safe to repeat: the same CSR, or another one for the same public key that is still pending, is
   * answered with the same request. Fails with the csr-, attestation- and invitation- failures.
   */
  submit(csr: Uint8Array, invitationCode?: string): Promise<Result<SubmittedRequest>>;
  /** Fails with request-unknown. */
  request(id: string): Promise<Result<SubmittedRequest>>;
  /** The newest request for a public key (DER SubjectPublicKeyInfo), or null. */
  requestForKey(publicKey: Uint8Array): Promise<Result<SubmittedRequest | null>>;
  /** What an invitation is for, so that name and e-mail need not be typed. Does not use it up. */
  invitation(code: string): Promise<Result<InvitationFacts>>;
}

export interface InvitationFacts {
  readonly name: string;
  readonly email: string;
  readonly role: 'user' | 'approver';
  readonly expiresAt: Date;
}

/** An approver's side of a pinned CA, after {@link signIn}. Everything fails with not-signed-in once the session ends. */
export interface ApproverSession {
  /** Who is signed in. */
  readonly name: string;
  readonly expiresAt: Date;
  /** Pending first, oldest first; then the decided ones, newest first; at most `limit`. */
  requests(limit: number): Promise<Result<readonly CertificateRequest[]>>;
  request(id: string): Promise<Result<CertificateRequest>>;
  /** Fails with request-already-decided, request-unknown. */
  approve(id: string): Promise<Result<CertificateRequest>>;
  /** Fails with request-already-decided, request-unknown. */
  deny(id: string, reason: string): Promise<Result<CertificateRequest>>;
  signOut(): Promise<void>;
}

/**
 * Signs the CA's challenge with the key of an approver's certificate.
 * `sign` gets the bytes to sign and answers as {@link SecurityKey.sign} does.
 */
export type SignIn = (
  certificate: Uint8Array,
  sign: (message: Uint8Array) => Promise<Result<Uint8Array>>,
) => Promise<Result<ApproverSession>>;
