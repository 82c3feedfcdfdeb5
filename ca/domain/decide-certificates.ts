/** Revoking, holding and releasing certificates by an approver's decision. */
import type { Decision } from '../../core/requests/decision.ts';
import { isAtLeast } from '../../core/requests/roles.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredCertificate, StoreReader } from '../storage/store.ts';
import type { Actor, Context } from './context.ts';
import { publishCrls } from './crl.ts';
import { endUnderWay, type UnderWay, underWay } from './leaving.ts';
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

interface Concerned extends UnderWay {
  readonly certificates: readonly StoredCertificate[];
}

/** What it is about. Fails with certificate-unknown. */
async function concerned(rows: StoreReader, decision: CertificateDecision): Promise<Result<Concerned>> {
  if (decision.decision !== 'revoke-person') {
    const certificate = await rows.certificate(decision.serialNumber);
    return certificate === undefined ? failed({ kind: 'certificate-unknown' }) : success({ certificates: [certificate], requestIds: [], invitations: [] });
  }
  const certificates = await rows.certificatesOf(decision.email);
  const { requestIds, invitations } = await underWay(rows, decision.email);
  if (certificates.length + requestIds.length + invitations.length === 0) return failed({ kind: 'certificate-unknown' });
  return success({ certificates, requestIds, invitations });
}

/** An approver does not put out an owner, nor one who is to be. One's own certificate anybody may take back who may decide at all. */
function checkRank({ certificates, invitations }: Concerned, officer: Officer): Result<void> {
  const others = certificates.filter(({ serialNumber }) => serialNumber !== officer.serialNumber);
  const isAbove = others.some(({ role }) => !isAtLeast(officer.role, role ?? 'user')) || invitations.some(({ role }) => !isAtLeast(officer.role, role));
  return isAbove ? checkRole(officer, 'owner') : success(undefined);
}

/**
 * Changes certificates and keeps the statement, all or nothing; then the CRLs are made that say it. With a person who
 * leaves go their requests that wait and their invitations. Answers the
 * certificates as they are now. Fails with certificate-unknown, -revoked, -not-held, last-owner, not-allowed,
 * statement-refused ('used': it was handed in before).
 */
export async function decideCertificates(context: Context, proven: ProvenDecision<CertificateDecision>, officer: Officer, actor: Actor): Promise<Result<readonly StoredCertificate[]>> {
  const { decision } = proven;
  const changed = await context.store.write(async (rows) => {
    // A certificate can be held, released and held again: an old statement must not do it once more.
    if (await isUsed(rows, proven)) return statementRefused('used');
    const about = await concerned(rows, decision);
    if (!about.ok) return about;
    const allowed = checkRank(about.value, officer);
    if (!allowed.ok) return allowed;
    const serialNumbers = about.value.certificates.map(({ serialNumber }) => serialNumber);
    const change = await revokeCertificates(context, rows, serialNumbers, changeOf(decision), actor);
    if (!change.ok) return change;
    await endUnderWay(rows, about.value, officer, actor, context.clock());
    await keep(rows, proven);
    return change;
  });
  if (!changed.ok) return changed;
  await publishCrls(context, changed.value.crls);
  return success(changed.value.certificates);
}
