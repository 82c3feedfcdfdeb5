/** Revoking, holding and releasing certificates by an approver's decision. */
import type { Decision } from '../../core/requests/decision.ts';
import { isAtLeast } from '../../core/requests/roles.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredCertificate, StoreReader } from '../storage/store.ts';
import type { Actor, Context } from './context.ts';
import { publishCrls } from './crl.ts';
import { checkRole, type Officer } from './officers.ts';
import { revokeCertificates, type StatusChange } from './revoke.ts';
import { isUsed, keep, type ProvenDecision, statementRefused } from './statement.ts';

type CertificateDecision = Exclude<Decision, { readonly requestId: string }>;

function changeOf(decision: CertificateDecision): StatusChange {
  switch (decision.decision) {
    case 'revoke':
    case 'revoke-person':
      return { to: 'revoked', reason: decision.reason };
    case 'hold':
      return { to: 'held' };
    case 'release':
      return { to: 'good' };
  }
}

/** The certificates it is about. Fails with certificate-unknown. */
async function concerned(rows: StoreReader, decision: CertificateDecision): Promise<Result<readonly StoredCertificate[]>> {
  const found = decision.decision === 'revoke-person' ? await rows.certificatesOf(decision.email) : [await rows.certificate(decision.serialNumber)];
  const certificates = found.filter((certificate) => certificate !== undefined);
  return certificates.length === 0 ? failed({ kind: 'certificate-unknown' }) : success(certificates);
}

/** An approver does not put out an owner. One's own certificate anybody may take back who may decide at all. */
function checkRank(certificates: readonly StoredCertificate[], officer: Officer): Result<void> {
  const others = certificates.filter(({ serialNumber }) => serialNumber !== officer.serialNumber);
  return others.every(({ role }) => isAtLeast(officer.role, role ?? 'user')) ? success(undefined) : checkRole(officer, 'owner');
}

/**
 * Changes certificates and keeps the statement, all or nothing; then the CRLs are made that say it. Answers the
 * certificates as they are now. Fails with certificate-unknown, -revoked, -not-held, last-owner, not-allowed,
 * statement-refused ('used': it was handed in before).
 */
export async function decideCertificates(context: Context, proven: ProvenDecision<CertificateDecision>, officer: Officer, actor: Actor): Promise<Result<readonly StoredCertificate[]>> {
  const { decision } = proven;
  const changed = await context.store.write(async (rows) => {
    // A certificate can be held, released and held again: an old statement must not do it once more.
    if (await isUsed(rows, proven)) return statementRefused('used');
    const certificates = await concerned(rows, decision);
    if (!certificates.ok) return certificates;
    const allowed = checkRank(certificates.value, officer);
    if (!allowed.ok) return allowed;
    const serialNumbers = certificates.value.map(({ serialNumber }) => serialNumber);
    const change = await revokeCertificates(context, rows, serialNumbers, changeOf(decision), actor);
    if (change.ok) await keep(rows, proven);
    return change;
  });
  if (!changed.ok) return changed;
  await publishCrls(context, changed.value.crls);
  return success(changed.value.certificates);
}
