/** Approving and denying. */
import type { Decision } from '../../core/requests/decision.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { RequestAndCertificate, StoredCertificate, StoreReader, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Actor, Context } from './context.ts';
import { issueApproved, planForRequest } from './issue-request.ts';
import type { Officer } from './officers.ts';
import { isOwnRequest } from './request-view.ts';
import { isSamePerson } from './same-person.ts';
import { keep, type ProvenDecision, statementRefused } from './statement.ts';

type RequestDecision = Extract<Decision, { readonly requestId: string }>;

/** The request, if it still waits. Fails with request-unknown, request-already-decided. */
async function pending(rows: StoreReader, id: string, now: Date): Promise<Result<RequestAndCertificate>> {
  const found = await rows.request(id);
  if (!found) return failed({ kind: 'request-unknown' });
  const { status, expiresAt } = found.request;
  if (status !== 'pending') return failed({ kind: 'request-already-decided', status });
  // The background work has not come round to it yet.
  return expiresAt.getTime() > now.getTime() ? success(found) : failed({ kind: 'request-already-decided', status: 'expired' });
}

/** The certificates of those who approved so far and may still do so: a revoked approver's yes does not count. */
async function standingApprovers(rows: StoreReader, { approvals }: RequestAndCertificate): Promise<readonly StoredCertificate[]> {
  const approvers = await Promise.all(approvals.map(({ serialNumber }) => rows.certificate(serialNumber)));
  return approvers.filter((approver) => approver?.status === 'good') as readonly StoredCertificate[];
}

async function approve(context: Context, rows: StoreWriter, proven: ProvenDecision<RequestDecision>, found: RequestAndCertificate, officer: Officer, actor: Actor): Promise<Result<'approved' | 'waits'>> {
  const { request } = found;
  const at = context.clock();
  if (isOwnRequest(request, officer)) return failed({ kind: 'own-request' });
  const before = await standingApprovers(rows, found);
  if (before.some((approver) => isSamePerson(officer, approver))) return failed({ kind: 'already-approved-by-you' });
  const isLast = before.length + 1 >= request.approvalsNeeded;
  const planned = isLast ? await planForRequest(context, request, true) : null;
  if (planned?.ok === false) return planned;
  await keep(rows, proven);
  const facts = { name: request.claimed.name, csrSha256: request.csrSha256, approvals: before.length + 1, approvalsNeeded: request.approvalsNeeded };
  if (planned === null) {
    await record(rows, { event: 'request-approved-in-part', actor, at, subject: request.id, facts });
    return success('waits');
  }
  await rows.changeStatus(request.id, 'pending', 'approved', { by: officer.name, at, reason: null });
  await record(rows, { event: 'request-approved', actor, at, subject: request.id, facts });
  await rows.addCertificate(planned.value);
  return success('approved');
}

/** One's own may be denied: that is taking it back. */
async function deny(context: Context, rows: StoreWriter, proven: ProvenDecision<RequestDecision>, { request }: RequestAndCertificate, officer: Officer, actor: Actor): Promise<Result<'denied'>> {
  const at = context.clock();
  const reason = proven.decision.decision === 'deny' ? proven.decision.reason : '';
  await keep(rows, proven);
  await rows.changeStatus(request.id, 'pending', 'denied', { by: officer.name, at, reason });
  await record(rows, { event: 'request-denied', actor, at, subject: request.id, facts: { name: request.claimed.name, csrSha256: request.csrSha256, reason } });
  return success('denied');
}

/**
 * Approves (and issues, once enough people have said yes) or denies. Decision, statement, serial number and all that will
 * be signed are one transaction; of two approvers at the same moment one is told that it is decided. Fails with
 * request-unknown, request-already-decided, own-request, already-approved-by-you, statement-refused (other-request: the
 * statement is about another CSR).
 */
export async function decideRequest(context: Context, proven: ProvenDecision<RequestDecision>, officer: Officer, actor: Actor): Promise<Result<void>> {
  const { decision } = proven;
  const decided = await context.store.write(async (rows) => {
    const found = await pending(rows, decision.requestId, context.clock());
    if (!found.ok) return found;
    if (found.value.request.csrSha256 !== decision.csrSha256) return statementRefused('other-request');
    const carryOut = decision.decision === 'approve' ? approve : deny;
    return carryOut(context, rows, proven, found.value, officer, actor);
  });
  if (!decided.ok) return decided;
  context.log('info', decision.decision === 'approve' ? 'request-approved' : 'request-denied', { officer: officer.serialNumber });
  if (decided.value === 'approved') await issueApproved(context, decision.requestId);
  return success(undefined);
}
