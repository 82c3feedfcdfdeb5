/** The facts an enrollment is computed from, and what they mean for the key pair in slot 9a. Pure. */
import type { InvitationFacts, SubmittedRequest } from '../certificate-authority.ts';
import type { Failure } from '../failures.ts';
import type { SecurityKeyFacts } from '../security-key.ts';
import type { EnrollmentRecord } from './record.ts';

/** The certificate in 9a. */
export interface HeldCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  /** null: it cannot be read. */
  readonly subject: string | null;
  readonly expiresAt: Date | null;
  /** It is for the key in 9a, of the pinned CA, valid now, good for clients (core/x509/certificate-fit.ts). */
  readonly fits: boolean;
}

/** A certificate that the CA issued for the key in 9a. */
export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  /** null: it fits. */
  readonly unfit: Extract<Failure, { kind: 'certificate-unfit' }> | null;
}

export interface EnrollmentFacts {
  readonly key: SecurityKeyFacts;
  /** Of the key in 9a, lower-case hex; null: there is none. */
  readonly publicKeySha256: string | null;
  readonly held: HeldCertificate | null;
  readonly record: EnrollmentRecord | null;
  /** The newest request at the CA for the key in 9a. */
  readonly request: SubmittedRequest | null;
  readonly issued: IssuedCertificate | null;
  /** Looked up only where name and e-mail are still needed. */
  readonly invited: InvitationFacts | null;
  /** Hash of the key pair that the person wants a new one in place of, though its certificate is still good. */
  readonly outgoingSha256?: string | null;
}

/**
 * Whose the contents of 9a are.
 *   empty      nothing there
 *   foreign    of another CA or program, of an earlier time, or to be renewed: replaced only after the person's yes
 *   discarded  made by us and of no further use (denied, withdrawn, refused, run out): a new key pair takes its place
 *   ours       made for this enrollment, no certificate on the key yet, or one that was not proven yet
 *   enrolled   with a certificate that fits
 */
export type SlotOwner = 'empty' | 'foreign' | 'discarded' | 'ours' | 'enrolled';

export function slotOwner(facts: EnrollmentFacts): SlotOwner {
  const { key, held, record, request } = facts;
  const { keyPair } = key.authentication;
  // What a move to a retired slot left behind is a copy.
  if (keyPair === null) return held === null || key.movedTo !== null ? 'empty' : 'foreign';
  const isRecorded = isOfThisRecord(facts, record);
  if (isRecorded && record?.keyPair.kind === 'discarded') return 'discarded';
  if (held?.fits) return facts.outgoingSha256 === facts.publicKeySha256 ? 'foreign' : 'enrolled';
  if (isOver(request) || facts.issued?.unfit?.reason === 'expired') return isRecorded || request !== null ? 'discarded' : 'foreign';
  return isRecorded || request !== null ? 'ours' : 'foreign';
}

/** Whether nothing comes of the request any more: its key pair is of no further use. */
export function isOver(request: SubmittedRequest | null): boolean {
  return request !== null && (request.status === 'denied' || request.status === 'withdrawn' || request.status === 'expired');
}

/** Whether the record speaks of the key pair that is in 9a now. */
export function isOfThisRecord(facts: EnrollmentFacts, record: EnrollmentRecord | null): boolean {
  const { key, publicKeySha256 } = facts;
  if (record === null || publicKeySha256 === null) return false;
  if (record.keyPair.kind !== 'generating') return record.keyPair.publicKeySha256 === publicKeySha256;
  // The answer to GENERATE got lost. Without a serial it could be another key's record, so there the person is asked.
  const isGenerated = key.authentication.keyPair?.origin !== 'imported';
  return key.serial !== null && isGenerated && record.keyPair.before !== publicKeySha256;
}
