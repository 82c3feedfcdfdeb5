/** Handing in a request. */
import { sha256, toHex } from '../../core/bytes.ts';
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import type { VerifiedFacts } from '../../core/requests/certificate-request.ts';
import { fourWords } from '../../core/requests/four-words.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { verifyAttestation } from '../../core/x509/attestation.ts';
import { inspectCsr, type InspectedCsr } from '../../core/x509/csr-inspection.ts';
import type { StoredInvitation, StoredRequest, StoreWriter } from '../storage/store.ts';
import { judgeAttestation } from './attestation.ts';
import { record } from './audit.ts';
import { AUTHORITY_ACTOR, randomId, type Actor, type Context } from './context.ts';
import { checkUsable, hashSecret } from './invitations.ts';
import { issueApproved, planForRequest } from './issue-request.ts';
import type { Policy } from './policy.ts';
import { submittedView } from './request-view.ts';
import { renewedCertificate, termsOf, type Grounds, type Terms } from './submission-terms.ts';

const DAY_MS = 86_400_000;

export interface Submission {
  /** DER. */
  readonly csr: Uint8Array;
  readonly invitationCode?: string | undefined;
  /** Name of the profile that is asked for, where one is (EST: the label). */
  readonly profile?: string | undefined;
  /** Serial number of a good certificate whose key was just proven in another way than by a renewal code (EST: TLS). */
  readonly renewsSerialNumber?: string | undefined;
  /** Who hands it in, and from where. */
  readonly actor: Actor;
}

/** A submission that passed every check which needs no look into the store. */
interface CheckedSubmission extends Submission {
  readonly inspected: InspectedCsr;
  readonly verified: VerifiedFacts;
  readonly words: readonly string[];
  readonly csrSha256: string;
  readonly publicKeySha256: string;
  readonly policy: Policy;
}

async function checkSubmission(context: Context, submission: Submission): Promise<Result<CheckedSubmission>> {
  const { policy } = context;
  const inspected = await inspectCsr(submission.csr);
  if (!inspected.ok) return inspected;
  const { attestation, publicKey, keyType } = inspected.value;
  const verified = judgeAttestation(await verifyAttestation(attestation, publicKey, context.trust), keyType);
  if (!verified.ok) return verified;
  return success({
    ...submission,
    policy,
    inspected: inspected.value,
    verified: verified.value,
    words: await fourWords(submission.csr),
    csrSha256: toHex(await sha256(submission.csr)),
    publicKeySha256: toHex(await sha256(publicKey)),
  });
}

const isAlive = ({ status }: StoredRequest): boolean => status === 'pending' || status === 'approved' || status === 'issued';

/**
 * The request that this submission repeats, if any: by the same code for the same key; the same CSR again; or, without a
 * new invitation, another CSR for a key whose request still waits. Asking twice never makes two requests.
 */
async function repeated(rows: StoreWriter, submission: CheckedSubmission, invitation: StoredInvitation | undefined): Promise<StoredRequest | undefined> {
  const ofKey = (await rows.requestsForKey(submission.publicKeySha256)).map(({ request }) => request);
  const same = await rows.requestByCsr(submission.csrSha256);
  if (invitation !== undefined) {
    const byCode = ofKey.filter(({ invitationId }) => invitationId === invitation.id);
    const isOver = invitation.uses >= invitation.maxUses;
    const before = byCode.find((request) => isAlive(request) || isOver || request.csrSha256 === submission.csrSha256);
    // With a fresh code a denied or waiting request does not stand in the way of a new one.
    return before ?? (same?.status === 'approved' || same?.status === 'issued' ? same : undefined);
  }
  // One that was withdrawn or that nobody decided is no answer; a denial is.
  const isAnswer = same !== undefined && same.status !== 'withdrawn' && same.status !== 'expired';
  return isAnswer ? same : ofKey.find(({ status }) => status === 'pending');
}

/** A waiting request for the same key gives way to the one with the invitation. */
async function withdrawWaiting(rows: StoreWriter, { publicKeySha256, actor }: CheckedSubmission, now: Date): Promise<void> {
  for (const { request } of await rows.requestsForKey(publicKeySha256)) {
    if (request.status !== 'pending') continue;
    await rows.changeStatus(request.id, 'pending', 'withdrawn', { by: request.claimed.name, at: now, reason: null });
    await record(rows, { event: 'request-withdrawn', actor, at: now, subject: request.id, facts: { name: request.claimed.name } });
  }
}

function newRequest(submission: CheckedSubmission, terms: Terms, grounds: Grounds, now: Date): StoredRequest {
  const { csr, csrSha256, publicKeySha256, verified, words, policy } = submission;
  const { approvedBy, profile, claimed, role } = terms;
  return {
    id: randomId(),
    csr,
    csrSha256,
    publicKeySha256,
    verified,
    words,
    claimed,
    role,
    status: approvedBy === null ? 'pending' : 'approved',
    profile: profile.name,
    submittedAt: now,
    submittedFrom: submission.actor.from,
    expiresAt: new Date(now.getTime() + policy.requestDays * DAY_MS),
    approvalsNeeded: profile.approvers,
    invitationId: grounds.invitation?.id ?? null,
    renewsSerialNumber: grounds.renewed?.serialNumber ?? null,
    decision: approvedBy === null ? null : { by: approvedBy, at: now, reason: null },
  };
}

async function recordNew(rows: StoreWriter, request: StoredRequest, actor: Actor): Promise<void> {
  const { id: subject, submittedAt: at, invitationId, profile, role, csrSha256, verified, claimed, renewsSerialNumber: renews } = request;
  const { name, email } = claimed;
  const facts = { name, email, profile, role, csrSha256, keySerial: verified.attestation?.serial ?? null, renews };
  await record(rows, { event: 'request-submitted', actor, at, subject, facts });
  if (invitationId !== null) await record(rows, { event: 'invitation-used', actor, at, subject: invitationId, facts: { requestId: subject } });
  if (request.decision !== null) await record(rows, { event: 'request-approved', actor: AUTHORITY_ACTOR, at, subject, facts: { name, csrSha256, by: request.decision.by } });
}

async function addNew(context: Context, rows: StoreWriter, submission: CheckedSubmission, grounds: Grounds): Promise<Result<string>> {
  const now = context.clock();
  const { invitation } = grounds;
  const terms = termsOf(submission.policy, submission.inspected, submission.verified, grounds);
  if (!terms.ok) return terms;
  const isStranger = invitation === undefined && grounds.renewed === undefined;
  if (isStranger && (await rows.pendingWithoutInvitation()) >= submission.policy.maxPendingWithoutInvitation) {
    return failed({ kind: 'too-many-requests', retryAfterSeconds: 3600 });
  }
  const request = newRequest(submission, terms.value, grounds, now);
  const planned = request.status === 'approved' ? await planForRequest(context, request, grounds.renewed !== undefined) : null;
  if (planned?.ok === false) return planned;
  if (!isStranger) await withdrawWaiting(rows, submission, now);
  await rows.addRequest(request);
  if (invitation) await rows.useInvitation(invitation.id, request.id);
  await recordNew(rows, request, submission.actor);
  if (planned !== null) await rows.addCertificate(planned.value);
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
  if (!usable.ok) return usable;
  const renewed = await renewedCertificate(rows, invitation?.renewsSerialNumber ?? submission.renewsSerialNumber ?? null);
  return renewed.ok ? addNew(context, rows, submission, { invitation, renewed: renewed.value, wantedProfile: submission.profile }) : renewed;
}

/**
 * Takes a CSR in; when it answers, the request is on disk. Fails with the csr-, attestation- and invitation- failures,
 * profile-unknown, policy-violated (nothing is kept of it), renewal-refused, too-many-requests.
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
