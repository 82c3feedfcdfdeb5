/** Handing in a request. */
import { sha256, toHex } from '../../core/bytes.ts';
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import type { ClaimedFacts, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import { fourWords } from '../../core/requests/four-words.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { verifyAttestation } from '../../core/x509/attestation.ts';
import { inspectCsr, type InspectedCsr } from '../../core/x509/csr-inspection.ts';
import { formatAlternativeName } from '../../core/x509/names.ts';
import type { StoredInvitation, StoredRequest, StoreWriter } from '../storage/store.ts';
import { judgeAttestation } from './attestation.ts';
import { randomId, type Context } from './context.ts';
import { checkUsable, hashSecret } from './invitations.ts';
import { issueApproved, planForRequest } from './issue-request.ts';
import { submittedView } from './request-view.ts';

export interface Submission {
  /** DER. */
  readonly csr: Uint8Array;
  readonly invitationCode: string | undefined;
  /** Network address it came from. */
  readonly from: string;
}

/** A submission that passed every check which needs no look into the store. */
interface CheckedSubmission extends Submission {
  readonly inspected: InspectedCsr;
  readonly verified: VerifiedFacts;
  readonly words: readonly string[];
  readonly csrSha256: string;
  readonly publicKeySha256: string;
}

async function checkSubmission(context: Context, submission: Submission): Promise<Result<CheckedSubmission>> {
  const inspected = await inspectCsr(submission.csr);
  if (!inspected.ok) return inspected;
  const { attestation, publicKey, keyType } = inspected.value;
  const verified = judgeAttestation(await verifyAttestation(attestation, publicKey, context.trust), keyType);
  if (!verified.ok) return verified;
  return success({
    ...submission,
    inspected: inspected.value,
    verified: verified.value,
    words: await fourWords(submission.csr),
    csrSha256: toHex(await sha256(submission.csr)),
    publicKeySha256: toHex(await sha256(publicKey)),
  });
}

/** The names of the certificate: an invitation fixes name and e-mail, otherwise the CSR says them and the approver judges. */
function claims(csr: InspectedCsr, invitation: StoredInvitation | undefined): Result<ClaimedFacts> {
  const isFixed = invitation !== undefined && invitation.name !== '';
  const name = isFixed ? invitation.name : csr.commonName;
  if (name === null) return failed({ kind: 'csr-name-refused', field: 'commonName' });
  const email = isFixed ? invitation.email : csr.email;
  const otherNames = csr.otherNames.map(formatAlternativeName);
  return success({ name, email, otherNames, invitedAs: invitation ? { name, email: email ?? '', role: invitation.role } : null });
}

/** Only the very first approver is believed without proof that the key is genuine: there is nobody yet who could look. */
function needsApprover(invitation: StoredInvitation | undefined, verified: VerifiedFacts): boolean {
  if (invitation?.approval === 'first-approver') return false;
  return !(invitation?.approval === 'automatic-if-attested' && verified.attestation !== null);
}

/**
 * The request that this submission repeats, if any: by the same code for the same key; the same CSR again; or, without a
 * new invitation, another CSR for a key whose request still waits. Asking twice never makes two requests.
 */
async function repeated(rows: StoreWriter, submission: CheckedSubmission, invitation: StoredInvitation | undefined): Promise<StoredRequest | undefined> {
  if (invitation?.usedBy) {
    const used = (await rows.request(invitation.usedBy))?.request;
    return used?.publicKeySha256 === submission.publicKeySha256 ? used : undefined;
  }
  const same = await rows.requestByCsr(submission.csrSha256);
  // With a fresh code a denied or waiting request does not stand in the way of a new one.
  if (invitation !== undefined) return same?.status === 'approved' || same?.status === 'issued' ? same : undefined;
  return same ?? (await rows.requestsForKey(submission.publicKeySha256)).find(({ request }) => request.status === 'pending')?.request;
}

/** A waiting request for the same key gives way to the one with the invitation. */
async function withdrawWaiting(rows: StoreWriter, publicKeySha256: string, now: Date): Promise<void> {
  for (const { request } of await rows.requestsForKey(publicKeySha256)) {
    if (request.status !== 'pending') continue;
    await rows.changeStatus(request.id, 'pending', 'denied', { by: 'Latchkey CA', at: now, reason: 'Replaced by a request with an invitation' });
  }
}

async function addNew(context: Context, rows: StoreWriter, submission: CheckedSubmission, invitation: StoredInvitation | undefined): Promise<Result<string>> {
  const now = context.clock();
  const claimed = claims(submission.inspected, invitation);
  if (!claimed.ok) return claimed;
  if (!invitation && (await rows.pendingWithoutInvitation()) >= context.policy.maxPendingWithoutInvitation) {
    return failed({ kind: 'too-many-requests', retryAfterSeconds: 3600 });
  }
  if (invitation) await withdrawWaiting(rows, submission.publicKeySha256, now);
  const isPending = needsApprover(invitation, submission.verified);
  const request: StoredRequest = {
    id: randomId(),
    csr: submission.csr,
    csrSha256: submission.csrSha256,
    publicKeySha256: submission.publicKeySha256,
    status: isPending ? 'pending' : 'approved',
    submittedAt: now,
    submittedFrom: submission.from,
    verified: submission.verified,
    claimed: claimed.value,
    words: submission.words,
    role: invitation?.role ?? 'user',
    invitationId: invitation?.id ?? null,
    decision: isPending ? null : { by: 'Invitation', at: now, reason: null },
  };
  await rows.addRequest(request);
  if (invitation) await rows.useInvitation(invitation.id, request.id);
  if (!isPending) await planForRequest(context, rows, request, false);
  if (invitation?.approval === 'first-approver') await rows.removeFirstApproverInvitations();
  return success(request.id);
}

/** Finds the request that is meant, or adds it; one transaction, so the same code or CSR at the same moment is one request. */
async function findOrAdd(context: Context, rows: StoreWriter, submission: CheckedSubmission): Promise<Result<string>> {
  const { invitationCode } = submission;
  const invitation = invitationCode === undefined ? undefined : await rows.invitationByCode(hashSecret(invitationCode));
  if (invitationCode !== undefined && invitation === undefined) return failed({ kind: 'invitation-unknown' });
  const before = await repeated(rows, submission, invitation);
  if (before) return success(before.id);
  const usable = invitation ? checkUsable(invitation, context.clock()) : success(undefined);
  return usable.ok ? addNew(context, rows, submission, invitation) : usable;
}

/**
 * Takes a CSR in; when it answers, the request is on disk. Fails with the csr-, attestation- and invitation- failures and
 * with too-many-requests.
 */
export async function submitRequest(context: Context, submission: Submission): Promise<Result<SubmittedRequest>> {
  const checked = await checkSubmission(context, submission);
  if (!checked.ok) return checked;
  const id = await context.store.write((rows) => findOrAdd(context, rows, checked.value));
  if (!id.ok) return id;
  return requestOfApplicant(context, id.value);
}

/**
 * Where a request stands. Fails with request-unknown. One that was approved and has no certificate yet (an invitation
 * approved it just now, or signing failed last time) gets it first.
 */
export async function requestOfApplicant(context: Context, id: string): Promise<Result<SubmittedRequest>> {
  const found = await context.store.read((rows) => rows.request(id));
  if (!found) return failed({ kind: 'request-unknown' });
  if (found.request.status !== 'approved') return success(submittedView(context, found));
  await issueApproved(context, id);
  const issued = await context.store.read((rows) => rows.request(id));
  return issued ? success(submittedView(context, issued)) : failed({ kind: 'request-unknown' });
}

/** The newest request for a key, by the SHA-256 of its DER SubjectPublicKeyInfo. Fails with request-unknown. */
export async function requestForKey(context: Context, publicKeySha256: string): Promise<Result<SubmittedRequest>> {
  const [newest] = await context.store.read((rows) => rows.requestsForKey(publicKeySha256));
  return newest ? requestOfApplicant(context, newest.request.id) : failed({ kind: 'request-unknown' });
}
