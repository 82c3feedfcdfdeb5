/**
 * Taking certificates back: for good, for a time (hold), and giving back what was held. The CRLs that have to say so are
 * marked due in the same transaction and made right after it: see crl.ts.
 */
import type { RevocationReason } from '../../core/requests/issued-certificate.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredCertificate, StoreReader, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Actor, Context } from './context.ts';
import { type CrlName, markCrlDue } from './crl-due.ts';

export type StatusChange = { readonly to: 'revoked'; readonly reason: RevocationReason } | { readonly to: 'held' } | { readonly to: 'good' };

export interface ChangedCertificates {
  /** As they are now, in the order of the serial numbers; also those that were so before. */
  readonly certificates: readonly StoredCertificate[];
  /** CRLs that have to say it: hand them to `publishCrls` (crl.ts) once the transaction is on disk. */
  readonly crls: readonly CrlName[];
}

const EVENTS = { revoked: 'certificate-revoked', held: 'certificate-held', good: 'certificate-released' } as const;

/** Whether an owner is left without these certificates, where one of them is an owner's now. */
async function leavesAnOwner(rows: StoreReader, now: Date, without: readonly StoredCertificate[]): Promise<boolean> {
  const owners = (await rows.officers(now)).filter(({ role }) => role === 'owner');
  const left = owners.filter(({ serialNumber }) => !without.some((leaving) => leaving.serialNumber === serialNumber));
  return left.length > 0 || owners.length === 0;
}

/** Why this change cannot be; undefined: it can, or is made already. */
function refusal(certificate: StoredCertificate, change: StatusChange): Result<never> | undefined {
  if (certificate.status === 'revoked' && change.to !== 'revoked') return failed({ kind: 'certificate-revoked' });
  if (certificate.status === 'good' && change.to === 'good') return failed({ kind: 'certificate-not-held' });
  return undefined;
}

/** The certificate with its new status. What was held counts from the hold on: nothing it did since then is trusted. */
function changed(certificate: StoredCertificate, change: StatusChange, now: Date): StoredCertificate {
  if (change.to === 'good') return { ...certificate, status: 'good', revokedAt: null, revocationReason: null };
  const revokedAt = certificate.status === 'held' ? certificate.revokedAt : now;
  return { ...certificate, status: change.to, revokedAt, revocationReason: change.to === 'revoked' ? change.reason : null };
}

async function apply(rows: StoreWriter, before: StoredCertificate, after: StoredCertificate, actor: Actor, now: Date): Promise<void> {
  const { serialNumber, status, revokedAt, revocationReason } = after;
  await rows.changeCertificateStatus(serialNumber, before.status, status, revokedAt, revocationReason);
  if (status !== 'good') await rows.removeSessionsOf(serialNumber);
  await markCrlDue(rows, { issuerId: after.issuerId, partition: after.crlPartition });
  const facts = { name: after.name, was: before.status, ...(revocationReason === null ? {} : { reason: revocationReason }) };
  await record(rows, { event: EVENTS[status], actor, at: now, subject: serialNumber, facts });
}

async function found(rows: StoreReader, serialNumbers: readonly string[]): Promise<Result<readonly StoredCertificate[]>> {
  const certificates: StoredCertificate[] = [];
  for (const serialNumber of new Set(serialNumbers)) {
    const certificate = await rows.certificate(serialNumber);
    // Those without a request are the CA's own, which it replaces by itself.
    if (certificate === undefined || certificate.requestId === null) return failed({ kind: 'certificate-unknown' });
    certificates.push(certificate);
  }
  return success(certificates);
}

/**
 * Revokes, holds or releases certificates, all or none, inside the caller's transaction. What is so already stays as it
 * is and is no failure (but for releasing). Sessions of the certificates end. Fails, having written nothing, with
 * certificate-unknown, certificate-revoked, certificate-not-held, last-owner.
 */
export async function revokeCertificates(
  context: Context,
  rows: StoreWriter,
  serialNumbers: readonly string[],
  change: StatusChange,
  actor: Actor,
): Promise<Result<ChangedCertificates>> {
  const now = context.clock();
  const certificates = await found(rows, serialNumbers);
  if (!certificates.ok) return certificates;
  for (const certificate of certificates.value) {
    const refused = refusal(certificate, change);
    if (refused) return refused;
  }
  const toChange = certificates.value.filter(({ status }) => status !== change.to);
  if (change.to !== 'good' && !(await leavesAnOwner(rows, now, toChange))) return failed({ kind: 'last-owner' });
  const after = certificates.value.map((certificate) => (certificate.status === change.to ? certificate : changed(certificate, change, now)));
  for (const before of toChange) {
    const certificate = after.find(({ serialNumber }) => serialNumber === before.serialNumber) as StoredCertificate;
    await apply(rows, before, certificate, actor, now);
  }
  const crls = new Map(toChange.map(({ issuerId, crlPartition }) => [`${issuerId}/${crlPartition}`, { issuerId, partition: crlPartition }]));
  return success({ certificates: after, crls: [...crls.values()] });
}
