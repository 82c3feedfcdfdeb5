/**
 * A certificate authority as the rest of the product sees it. authorities/ has one file an implementation.
 * Addresses are origins such as "https://ca.example.org:8443"; fingerprints are SHA-256 over the DER certificate of
 * the CA in lower-case hex.
 */
import type { AuditEvent } from './requests/audit-event.ts';
import type { CertificateRequest, RequestStatus } from './requests/certificate-request.ts';
import type { Decision, DecisionOutcome } from './requests/decision.ts';
import type { CreatedInvitation, InvitationView, WantedInvitation } from './requests/invitation-view.ts';
import type { CertificateStatus, IssuedCertificate } from './requests/issued-certificate.ts';
import type { OfficerRole, Role } from './requests/roles.ts';
import type { Result } from './result.ts';

/**
 * What pins a CA: from here on TLS to it trusts this certificate only. Where issuing CAs stand below a root, it is the
 * root that is pinned, so that issuers can change.
 */
export interface PinnedAuthority {
  /** Empty where `protocol` is 'by-hand': there is no server. */
  readonly address: string;
  readonly name: string;
  readonly fingerprint: string;
  /** DER. */
  readonly caCertificate: Uint8Array;
  /** DER: CAs below it that were known when it was last looked at. They are believed only where they lead to it. */
  readonly issuers?: readonly Uint8Array[];
  /** How it is asked; 'latchkey' where it is not said. 'est': RFC 7030. 'by-hand': a person signs the CSR with a tool. */
  readonly protocol?: AuthorityProtocol;
  /** With 'est': the CA label (RFC 7030, section 3.2.2), where the server has several. */
  readonly label?: string;
  /** With 'est': the server shows a certificate of the web's public CAs instead of one of its own CA. */
  readonly serverTrust?: 'public';
}

export const AUTHORITY_PROTOCOLS = ['latchkey', 'est', 'by-hand'] as const;
export type AuthorityProtocol = (typeof AUTHORITY_PROTOCOLS)[number];

/** Where a request stands, as its own applicant sees it. */
export interface SubmittedRequest {
  readonly id: string;
  readonly status: RequestStatus;
  readonly submittedAt: Date;
  /** DER; present when `status` is 'issued'. */
  readonly certificate?: Uint8Array;
  /** DER, with `certificate`: the CAs between it and the pinned one, the issuer first; empty where the pinned one issued it. */
  readonly chain?: readonly Uint8Array[];
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
  /** Takes a request back that waits. Fails with request-unknown, request-already-decided. */
  withdraw(id: string): Promise<Result<SubmittedRequest>>;
  /**
   * Asks for a code to renew with: `sign` (as {@link SignIn}) proves that the certificate's key is in hand. The code takes
   * the place of an invitation at {@link submit}, for the same person; it is a secret, good for a day. Call it before the
   * old key is gone. Fails with renewal-refused. null: this CA knows no such thing.
   */
  renewalCode(certificate: Uint8Array, sign: Sign): Promise<Result<RenewalCode | null>>;
}

/** Signs bytes with a certificate's key and answers as {@link SecurityKey.sign} does. */
export type Sign = (message: Uint8Array) => Promise<Result<Uint8Array>>;

export interface RenewalCode {
  readonly code: string;
  readonly expiresAt: Date;
}

export interface InvitationFacts {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: Date;
}

/** Which part of a list is wanted. `after`: the `next` of the page before. `limit`: at most 500. */
export interface PageQuery {
  readonly search?: string;
  readonly after?: string;
  readonly limit: number;
}

/** 'pending': oldest first. 'decided': everything else, newest first. */
export interface QueueQuery extends PageQuery {
  readonly list: 'pending' | 'decided';
}

export interface QueuePage {
  readonly requests: readonly CertificateRequest[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
  /** Of the whole queue, whatever was searched for. */
  readonly counts: { readonly pending: number; readonly decided: number };
}

export interface CertificateQuery extends PageQuery {
  /** 'all' unless said. */
  readonly status?: CertificateStatus;
}

export interface CertificatePage {
  readonly certificates: readonly IssuedCertificate[];
  readonly next: string | null;
}

/** Newest first. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly next: string | null;
  /** Whether the whole chain up to now was found whole, when that was last looked at. */
  readonly verified: { readonly at: Date; readonly isWhole: boolean; readonly events: number } | null;
}

/** What waits for the CA's key where an approver holds it and the server does not. */
export interface SigningJob {
  readonly id: string;
  readonly kind: 'certificate' | 'crl' | 'ocsp-responder' | 'server-certificate' | 'audit-checkpoint';
  /** The bytes to sign: a TBSCertificate, a TBSCertList or a checkpoint. */
  readonly toBeSigned: Uint8Array;
  /** Common name of the certificate to be, or the like; said by the server, to be compared with `toBeSigned`. */
  readonly about: string;
  /** DER: the certificate of the key that is wanted. */
  readonly issuer: Uint8Array;
  readonly requestId: string | null;
}

/**
 * The side of a pinned CA for people with a role, after {@link SignIn}. Everything fails with not-signed-in once the
 * session ends, and with not-allowed where the role is too low.
 */
export interface ApproverSession {
  /** Who is signed in. */
  readonly name: string;
  readonly role: OfficerRole;
  /** Of the certificate that signed in. */
  readonly serialNumber: string;
  readonly expiresAt: Date;
  requests(query: QueueQuery): Promise<Result<QueuePage>>;
  request(id: string): Promise<Result<CertificateRequest>>;
  /**
   * Hands in decisions, at most 100, each signed by `sign` as a statement. The outcomes come in their order; those of
   * one do not depend on the others. Fails as a whole only with what `sign` fails with, and where nothing was handed in.
   */
  decide(decisions: readonly Decision[], sign: Sign): Promise<Result<readonly DecisionOutcome[]>>;
  certificates(query: CertificateQuery): Promise<Result<CertificatePage>>;
  invitations(query: PageQuery): Promise<Result<{ readonly invitations: readonly InvitationView[]; readonly next: string | null }>>;
  /** Fails with invitation-refused. */
  invite(wanted: WantedInvitation): Promise<Result<CreatedInvitation>>;
  endInvitation(id: string): Promise<Result<InvitationView>>;
  /** Everybody who can sign in. */
  officers(): Promise<Result<readonly IssuedCertificate[]>>;
  /** Owners only. 'user' takes the role away. Fails with last-owner, certificate-unknown. */
  setRole(serialNumber: string, role: Role): Promise<Result<IssuedCertificate>>;
  audit(query: PageQuery): Promise<Result<AuditPage>>;
  /** Names of the policy's profiles, the default one first, and whether invitations to them may be automatic. */
  profiles(): Promise<Result<readonly { readonly name: string; readonly kind: 'person' | 'device' | 'server'; readonly mayBeAutomatic: boolean }[]>>;
  /** Empty where the server has the CA's key. */
  signingJobs(): Promise<Result<readonly SigningJob[]>>;
  /** Fails with signature-refused, request-unknown. */
  handInSignature(jobId: string, signature: Uint8Array): Promise<Result<void>>;
  signOut(): Promise<void>;
}

/** Signs the CA's challenge with the key of an approver's certificate. */
export type SignIn = (certificate: Uint8Array, sign: Sign) => Promise<Result<ApproverSession>>;
