/**
 * What a CA keeps, as one interface: SQLite today, other databases behind the same methods.
 * Everything that must happen together happens in one {@link Store.write}; when it has resolved, it is on disk.
 */
import type { CertificateRequest, ClaimedFacts, RequestStatus, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import type { ProfileName } from '../../core/x509/profile.ts';

export type Role = 'user' | 'approver';

/** What an invitation saves its bearer: nothing, the approver's look where the attestation is verified, or that look at all. */
export type InvitationApproval = 'by-approver' | 'automatic-if-attested' | 'first-approver';

export interface StoredInvitation {
  readonly id: string;
  /** SHA-256 of the code, lower-case hex: the code itself is nowhere. */
  readonly codeSha256: string;
  /** Empty with a first approver's invitation that fixes no name: then the applicant's own words are taken. */
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly approval: InvitationApproval;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** The request it was used for; null: not used yet. */
  readonly usedBy: string | null;
}

export interface StoredDecision {
  readonly by: string;
  readonly at: Date;
  readonly reason: string | null;
}

export interface StoredRequest {
  readonly id: string;
  /** DER. */
  readonly csr: Uint8Array;
  readonly csrSha256: string;
  /** SHA-256 over the DER SubjectPublicKeyInfo. */
  readonly publicKeySha256: string;
  readonly status: RequestStatus;
  readonly submittedAt: Date;
  readonly submittedFrom: string;
  readonly verified: VerifiedFacts;
  readonly claimed: ClaimedFacts;
  readonly words: CertificateRequest['words'];
  readonly role: Role;
  readonly invitationId: string | null;
  readonly decision: StoredDecision | null;
}

/** A certificate, or what will be one: its serial number and every signed byte are kept before it is signed. */
export interface StoredCertificate {
  /** Lower-case hex; unique. */
  readonly serialNumber: string;
  /** At most one certificate a request; null: the CA's own. */
  readonly requestId: string | null;
  readonly profile: ProfileName;
  /** What its holder may do here; null: nothing. */
  readonly role: Role | null;
  /** Common name of its subject. */
  readonly name: string;
  /** DER TBSCertificate. */
  readonly tbs: Uint8Array;
  /** DER; null: not signed yet. */
  readonly certificate: Uint8Array | null;
  readonly madeAt: Date;
  readonly expiresAt: Date;
}

export interface StoredChallenge {
  readonly id: string;
  readonly challenge: Uint8Array;
  readonly expiresAt: Date;
}

export interface StoredSession {
  readonly tokenSha256: string;
  /** Of the certificate that signed in. */
  readonly serialNumber: string;
  readonly name: string;
  readonly expiresAt: Date;
}

/** A request with its certificate. */
export interface RequestAndCertificate {
  readonly request: StoredRequest;
  readonly certificate: StoredCertificate | null;
}

/** The rows, inside one transaction. */
export interface StoreReader {
  setting(name: SettingName): Promise<string | undefined>;
  request(id: string): Promise<RequestAndCertificate | undefined>;
  /** The one that was not denied, or else the newest denied one. */
  requestByCsr(csrSha256: string): Promise<StoredRequest | undefined>;
  /** Newest first. */
  requestsForKey(publicKeySha256: string): Promise<readonly RequestAndCertificate[]>;
  /** Pending first, oldest first; then the others, newest first. */
  requests(limit: number): Promise<readonly RequestAndCertificate[]>;
  /** Approved, but their certificate was not signed yet. */
  unissuedRequests(): Promise<readonly string[]>;
  pendingWithoutInvitation(): Promise<number>;
  invitationByCode(codeSha256: string): Promise<StoredInvitation | undefined>;
  invitation(id: string): Promise<StoredInvitation | undefined>;
  /** Approvers who have a certificate, or will have one as soon as it is signed. */
  approvers(): Promise<number>;
  certificate(serialNumber: string): Promise<StoredCertificate | undefined>;
  session(tokenSha256: string): Promise<StoredSession | undefined>;
}

export interface StoreWriter extends StoreReader {
  setSetting(name: SettingName, value: string): Promise<void>;
  addRequest(request: StoredRequest): Promise<void>;
  /** Whether the request still had the status `from`; only then it is changed. */
  changeStatus(id: string, from: RequestStatus, to: RequestStatus, decision?: StoredDecision): Promise<boolean>;
  addCertificate(certificate: StoredCertificate): Promise<void>;
  /** Whether there was none yet; a certificate is never replaced. */
  setCertificate(serialNumber: string, certificate: Uint8Array): Promise<boolean>;
  addInvitation(invitation: StoredInvitation): Promise<void>;
  /** Whether it was unused. */
  useInvitation(id: string, requestId: string): Promise<boolean>;
  /** Ends every unused first approver's invitation. */
  removeFirstApproverInvitations(): Promise<void>;
  addChallenge(challenge: StoredChallenge): Promise<void>;
  /** Takes it out: a challenge is good for one answer. */
  takeChallenge(id: string): Promise<StoredChallenge | undefined>;
  addSession(session: StoredSession): Promise<void>;
  removeSession(tokenSha256: string): Promise<void>;
  /** Challenges and sessions that are over. */
  removeExpired(now: Date): Promise<void>;
}

/** `address`: the origin under which the server was last reachable, for links. */
export type SettingName = 'address';

export interface Store {
  /** A consistent look. */
  read<T>(work: (rows: StoreReader) => Promise<T>): Promise<T>;
  /**
   * All or nothing; nothing when `work` throws. `work` may run again where databases disagree, so it does nothing else
   * than read and write rows, and waits for nothing but them.
   */
  write<T>(work: (rows: StoreWriter) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
