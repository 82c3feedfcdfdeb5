/** The approver's side: the queue, approving and denying. */
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredRequest, StoreWriter } from '../storage/store.ts';
import type { Context } from './context.ts';
import { issueApproved, planForRequest } from './issue-request.ts';
import { queueView } from './request-view.ts';

/** Who decides: an approver who is signed in. */
export interface Approver {
  readonly name: string;
  /** Of the certificate that signed in, lower-case hex. */
  readonly serialNumber: string;
}

/** Pending first, oldest first; then the others, newest first. */
export async function listQueue(context: Context, limit: number): Promise<readonly CertificateRequest[]> {
  return (await context.store.read((rows) => rows.requests(limit))).map(queueView);
}

/** Fails with request-unknown. */
export async function queueEntry(context: Context, id: string): Promise<Result<CertificateRequest>> {
  const found = await context.store.read((rows) => rows.request(id));
  return found ? success(queueView(found)) : failed({ kind: 'request-unknown' });
}

/** The request, if it still waits. Fails with request-unknown, request-already-decided. */
async function pending(rows: StoreWriter, id: string): Promise<Result<StoredRequest>> {
  const found = await rows.request(id);
  if (!found) return failed({ kind: 'request-unknown' });
  const { request } = found;
  return request.status === 'pending' ? success(request) : failed({ kind: 'request-already-decided', status: request.status });
}

/**
 * Approves and issues. Decision, serial number and all that will be signed are one transaction; of two approvers at the
 * same moment one is told that it is decided. Fails with request-unknown, request-already-decided.
 */
export async function approve(context: Context, id: string, approver: Approver): Promise<Result<CertificateRequest>> {
  const decided = await context.store.write(async (rows) => {
    const request = await pending(rows, id);
    if (!request.ok) return request;
    await rows.changeStatus(id, 'pending', 'approved', { by: approver.name, at: context.clock(), reason: null });
    await planForRequest(context, rows, request.value, true);
    return request;
  });
  if (!decided.ok) return decided;
  context.log('info', 'request-approved', { approver: approver.serialNumber });
  await issueApproved(context, id);
  return queueEntry(context, id);
}

/** Denies, with a reason that the applicant reads. Fails with request-unknown, request-already-decided. */
export async function deny(context: Context, id: string, approver: Approver, reason: string): Promise<Result<CertificateRequest>> {
  const decided = await context.store.write(async (rows) => {
    const request = await pending(rows, id);
    if (request.ok) await rows.changeStatus(id, 'pending', 'denied', { by: approver.name, at: context.clock(), reason });
    return request;
  });
  if (!decided.ok) return decided;
  context.log('info', 'request-denied', { approver: approver.serialNumber });
  return queueEntry(context, id);
}
