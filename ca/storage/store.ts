/**
 * What a CA keeps, as one interface: SQLite or PostgreSQL behind the same methods.
 * Everything that must happen together happens in one {@link Store.write}; when it has resolved, it is on disk.
 */
import type { AuditEvent } from '../../core/requests/audit-event.ts';
import type { CertificateRequest, ClaimedFacts, RequestStatus, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import type { DecisionKind } from '../../core/requests/decision.ts';
import type { CertificateStatus, RevocationReason } from '../../core/requests/issued-certificate.ts';
import type { SigningJob } from '../../core/certificate-authority.ts';
import type { Role } from '../../core/requests/roles.ts';
import type { TableRow } from './table-copy.ts';

export type { Role } from '../../core/requests/roles.ts';

/**
 * What an invitation saves its bearer: nothing, the approver's look where the attestation is verified, or that look at
 * all. 'renewal': made for the holder of a certificate who proved it; the policy says whether anybody looks.
 */
export type InvitationApproval = 'by-approver' | 'automatic-if-attested' | 'first-approver' | 'renewal';

export interface StoredInvitation {
  readonly id: string;
  /** SHA-256 of the code, lower-case hex: the code itself is nowhere. */
  readonly codeSha256: string;
  /** Empty with a first approver's invitation that fixes no name: then the applicant's own words are taken. */
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  /** Name of a profile of the policy. */
  readonly profile: string;
  readonly approval: InvitationApproval;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** How many keys it is for, and for how many it was used. */
  readonly maxUses: number;
  readonly uses: number;
  /** An approver took it back. */
  readonly endedAt: Date | null;
  /** With 'renewal': the certificate whose key proved it. */
  readonly renewsSerialNumber: string | null;
}

/** What became of a request in the end. */
export interface StoredDecision {
  readonly by: string;
  readonly at: Date;
  readonly reason: string | null;
}

/** One signed decision, kept for good. */
export interface StoredStatement {
  readonly id: string;
  readonly kind: DecisionKind;
  /** Of the queue entry, serial number of the certificate, or e-mail address: what it is about. */
  readonly subject: string;
  readonly by: string;
  /** Of the certificate that signed it. */
  readonly serialNumber: string;
  readonly at: Date;
  /** Compact JWS. */
  readonly statement: string;
}

export interface StoredRequest {
  readonly id: string;
  /** DER. */
  readonly csr: Uint8Array;
  readonly csrSha256: string;
  /** SHA-256 over the DER SubjectPublicKeyInfo. */
  readonly publicKeySha256: string;
  readonly status: RequestStatus;
  /** Name of a profile of the policy. */
  readonly profile: string;
  readonly submittedAt: Date;
  readonly submittedFrom: string;
  /** It ends then if nobody decides. */
  readonly expiresAt: Date;
  readonly verified: VerifiedFacts;
  readonly claimed: ClaimedFacts;
  readonly words: CertificateRequest['words'];
  readonly role: Role;
  readonly approvalsNeeded: number;
  readonly invitationId: string | null;
  readonly renewsSerialNumber: string | null;
  readonly decision: StoredDecision | null;
}

/** A certificate, or what will be one: its serial number and every signed byte are kept before it is signed. */
export interface StoredCertificate {
  /** Lower-case hex; unique. */
  readonly serialNumber: string;
  /** At most one certificate a request; null: the CA's own. */
  readonly requestId: string | null;
  /** Name of a profile of the policy, or of the CA's own: 'authority-server', 'ocsp-responder'. */
  readonly profile: string;
  /** SHA-256 of the issuing CA's DER certificate, lower-case hex. */
  readonly issuerId: string;
  /** Which CRL of its issuer names it once it is revoked; fixed at issuance. 0 where there is one for all. */
  readonly crlPartition: number;
  /** What its holder may do here; null: nothing. */
  readonly role: Role | null;
  /** Common name of its subject. */
  readonly name: string;
  readonly email: string | null;
  /** Serial of the YubiKey that attested the key. */
  readonly keySerial: number | null;
  /** SHA-256 over the DER SubjectPublicKeyInfo; '' for rows of the first release. */
  readonly publicKeySha256: string;
  /** DER TBSCertificate. */
  readonly tbs: Uint8Array;
  /** DER; null: not signed yet. */
  readonly certificate: Uint8Array | null;
  readonly madeAt: Date;
  readonly expiresAt: Date;
  readonly status: CertificateStatus;
  readonly revokedAt: Date | null;
  readonly revocationReason: RevocationReason | null;
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

/** A request with its certificate and the approvals that still stand. */
export interface RequestAndCertificate {
  readonly request: StoredRequest;
  readonly certificate: StoredCertificate | null;
  readonly approvals: readonly StoredStatement[];
}

/** An entry of a CRL. */
export interface RevokedCertificate {
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** null: on hold (certificateHold). */
  readonly reason: RevocationReason | null;
}

/** The CRL that is handed out. */
export interface StoredCrl {
  readonly issuerId: string;
  readonly partition: number;
  /** cRLNumber: only ever grows. */
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** DER. */
  readonly crl: Uint8Array;
}

/** A line of the audit log as it is kept; `hash` and `previousHash` chain them (ca/domain/audit.ts). */
export interface StoredAuditEvent extends AuditEvent {
  readonly previousHash: string;
}

/** The CA's signature over the chain up to a line. */
export interface StoredCheckpoint {
  readonly sequence: number;
  readonly hash: string;
  readonly at: Date;
  readonly issuerId: string;
  readonly signature: Uint8Array;
}

/** A signature that the holder of the CA's key has to make, and made once `signature` is there. */
export interface StoredSigningJob extends SigningJob {
  readonly createdAt: Date;
  readonly signature: Uint8Array | null;
  readonly signedBy: string | null;
}

/** Part of a list. `after`: the `next` of the page before. `search`: lower-case; part of a name, an e-mail address, the four words, or a serial number. */
export interface Page {
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Rows<T> {
  readonly rows: readonly T[];
  /** null: no more. */
  readonly next: string | null;
}

/** The rows, inside one transaction. */
export interface StoreReader {
  setting(name: SettingName): Promise<string | undefined>;
  request(id: string): Promise<RequestAndCertificate | undefined>;
  /** The one that waits, is approved or issued; or else the newest of the others. */
  requestByCsr(csrSha256: string): Promise<StoredRequest | undefined>;
  /** Newest first, at most 100. */
  requestsForKey(publicKeySha256: string): Promise<readonly RequestAndCertificate[]>;
  /** 'pending': oldest first. 'decided': all others, newest first. */
  requests(query: Page & { readonly list: 'pending' | 'decided' }): Promise<Rows<RequestAndCertificate>>;
  requestCounts(): Promise<{ readonly pending: number; readonly decided: number }>;
  /** Approved, but their certificate was not signed yet. */
  unissuedRequests(): Promise<readonly string[]>;
  /** Pending ones whose time is over. */
  expiredRequests(now: Date, limit: number): Promise<readonly string[]>;
  pendingWithoutInvitation(): Promise<number>;
  invitationByCode(codeSha256: string): Promise<StoredInvitation | undefined>;
  invitation(id: string): Promise<StoredInvitation | undefined>;
  /** Requests that it was used for, the oldest first. */
  requestsOfInvitation(id: string): Promise<readonly StoredRequest[]>;
  /** Newest first, without those for a renewal. */
  invitations(query: Page): Promise<Rows<StoredInvitation>>;
  /** Certificates with a role above user that are good and not expired, or will be as soon as they are signed. */
  officers(now: Date): Promise<readonly StoredCertificate[]>;
  certificate(serialNumber: string): Promise<StoredCertificate | undefined>;
  /** Signed ones of people, devices and servers (those with a request), newest first. */
  certificates(query: Page & { readonly status?: CertificateStatus | undefined }): Promise<Rows<StoredCertificate>>;
  /** Signed, not revoked, of this e-mail address (compared without case). */
  certificatesOf(email: string): Promise<readonly StoredCertificate[]>;
  /** What belongs onto the CRL: revoked or on hold, and not expired before `expiredAfter`; by serial number. */
  revoked(issuerId: string, partition: number, expiredAfter: Date): Promise<readonly RevokedCertificate[]>;
  crl(issuerId: string, partition: number): Promise<StoredCrl | undefined>;
  /** Partitions that have certificates of this issuer or a CRL, in their order; 0 always. */
  crlPartitions(issuerId: string): Promise<readonly number[]>;
  statements(subject: string): Promise<readonly StoredStatement[]>;
  lastAuditEvent(): Promise<StoredAuditEvent | undefined>;
  /** Newest first. */
  auditEvents(query: Page): Promise<Rows<StoredAuditEvent>>;
  /** In their order, from `sequence` on, at most `limit`: for verifying and exporting. */
  auditEventsFrom(sequence: number, limit: number): Promise<readonly StoredAuditEvent[]>;
  /** In their order. */
  checkpoints(): Promise<readonly StoredCheckpoint[]>;
  session(tokenSha256: string): Promise<StoredSession | undefined>;
  signingJob(id: string): Promise<StoredSigningJob | undefined>;
  /** Without signature, oldest first, at most 500. */
  openSigningJobs(): Promise<readonly StoredSigningJob[]>;
}

export interface StoreWriter extends StoreReader {
  setSetting(name: SettingName, value: string): Promise<void>;
  /** Rows of the first release do not say which CA issued a certificate: it was this one, since there was one alone. */
  adoptIssuer(issuerId: string): Promise<void>;
  addRequest(request: StoredRequest): Promise<void>;
  /** Whether the request still had the status `from`; only then it is changed. */
  changeStatus(id: string, from: RequestStatus, to: RequestStatus, decision?: StoredDecision): Promise<boolean>;
  addStatement(statement: StoredStatement): Promise<void>;
  addCertificate(certificate: StoredCertificate): Promise<void>;
  /** Whether there was none yet; a certificate is never replaced. */
  setCertificate(serialNumber: string, certificate: Uint8Array): Promise<boolean>;
  /** Whether it had the status `from`; 'revoked' is final. */
  changeCertificateStatus(serialNumber: string, from: CertificateStatus, to: CertificateStatus, at: Date | null, reason: RevocationReason | null): Promise<boolean>;
  setRole(serialNumber: string, role: Role): Promise<void>;
  addInvitation(invitation: StoredInvitation): Promise<void>;
  /** Whether it had a use left and was not ended. */
  useInvitation(id: string, requestId: string): Promise<boolean>;
  /** Whether it was not ended before. */
  endInvitation(id: string, at: Date): Promise<boolean>;
  /** Ends every unused first approver's invitation. */
  removeFirstApproverInvitations(): Promise<void>;
  addChallenge(challenge: StoredChallenge): Promise<void>;
  /** Takes it out: a challenge is good for one answer. */
  takeChallenge(id: string): Promise<StoredChallenge | undefined>;
  addSession(session: StoredSession): Promise<void>;
  removeSession(tokenSha256: string): Promise<void>;
  /** Every session of a certificate: it was revoked, or lost its role. */
  removeSessionsOf(serialNumber: string): Promise<void>;
  /** Challenges and sessions that are over. */
  removeExpired(now: Date): Promise<void>;
  /** Adds it or takes the place of the one before. */
  putCrl(crl: StoredCrl): Promise<void>;
  /** The next line; its sequence follows {@link StoreReader.lastAuditEvent}. */
  addAuditEvent(event: StoredAuditEvent): Promise<void>;
  addCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;
  /** Whether `holder` has the lease now, until `until`: it was free, over, or its own already. */
  takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean>;
  releaseLease(name: string, holder: string): Promise<void>;
  addSigningJob(job: StoredSigningJob): Promise<void>;
  /** Whether it had no signature yet. */
  signSigningJob(id: string, signature: Uint8Array, signedBy: string): Promise<boolean>;
}

/**
 * `address`: the origin under which the server was last reachable, for links. `audit-verified`: JSON of the last look at
 * the audit log as a whole. `crl-due:ISSUER:PARTITION`: a mark of the CRL that has to be made anew, or '' (ca/domain/crl-due.ts).
 * `crl-revision`: another one with every new CRL.
 */
export type SettingName = 'address' | 'audit-verified' | `crl-due:${string}:${number}` | 'crl-revision';

export interface Store {
  /** A consistent look. */
  read<T>(work: (rows: StoreReader) => Promise<T>): Promise<T>;
  /**
   * All or nothing; nothing when `work` throws. Works run one after the other, across all processes on one database; some
   * that wait together are committed together. `work` does nothing else than read and write rows, and waits for nothing
   * but them and the computing of hashes.
   */
  write<T>(work: (rows: StoreWriter) => Promise<T>): Promise<T>;
  /** Hands every row out, from one consistent look; what is written meanwhile is not among them. */
  dump(take: (row: TableRow) => Promise<void>): Promise<void>;
  /** Puts rows in, all or none, and answers how many each table has then; null: the store is not empty, and is left alone. */
  load(rows: AsyncIterable<TableRow>): Promise<Readonly<Record<string, number>> | null>;
  /** How many rows each table has. */
  counts(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** Something was asked of a store after it was closed. */
export class StoreClosedError extends Error {
  constructor() {
    super('The store is closed.');
    this.name = 'StoreClosedError';
  }
}

/** Closes once, and refuses what comes afterwards: libsql ends the whole process where a closed database is used. */
export function closable(store: Store): Store {
  let closing: Promise<void> | null = null;
  const whileOpen = <T>(work: () => Promise<T>): Promise<T> => (closing === null ? work() : Promise.reject(new StoreClosedError()));
  return {
    read: (work) => whileOpen(() => store.read(work)),
    write: (work) => whileOpen(() => store.write(work)),
    dump: (take) => whileOpen(() => store.dump(take)),
    load: (rows) => whileOpen(() => store.load(rows)),
    counts: () => whileOpen(() => store.counts()),
    close: () => (closing ??= store.close()),
  };
}

/** The database was made by a later version of this program. */
export class StoreNewerError extends Error {
  constructor(
    readonly version: number,
    readonly known: number,
  ) {
    super(`The database is of a newer version (${version}) than this program knows (${known}).`);
    this.name = 'StoreNewerError';
  }
}
