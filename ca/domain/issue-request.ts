/** From an approved request to its certificate. */
import { failed, success, type Result } from '../../core/result.ts';
import { csrPublicKey } from '../../core/x509/csr-inspection.ts';
import { parseAlternativeName, type AlternativeName } from '../../core/x509/names.ts';
import { AuthorityKeyUnavailable } from '../keys/authority-key.ts';
import type { StoredCertificate, StoredRequest } from '../storage/store.ts';
import { certificateProfile } from './certificate-profile.ts';
import { record } from './audit.ts';
import { AUTHORITY_ACTOR, type Context } from './context.ts';
import { planCertificate, planProblems, signCertificate } from './issue.ts';

function alternativeNames(request: StoredRequest, withOtherNames: boolean): readonly AlternativeName[] {
  const { email, otherNames } = request.claimed;
  const others = otherNames.map(parseAlternativeName).filter((name) => name !== undefined);
  return [...(email === null ? [] : [{ kind: 'email', value: email } as const]), ...(withOtherNames ? others : [])];
}

/**
 * Plans the certificate of a request in the transaction that approves it, before anything is written there: a plan that fails
 * leaves the request as it is. The subject is the name and nothing else, the alternative names are those the approver saw.
 * Where no approver looked, other names than the e-mail are left out: nobody could object to them. Fails with
 * certificate-lint-failed, and with profile-unknown where the operator took the profile out of the policy meanwhile.
 */
export async function planForRequest(context: Context, request: StoredRequest, seenByApprover: boolean): Promise<Result<StoredCertificate>> {
  // Its signature was verified when it came; verifying it again would keep every other writer waiting.
  const publicKey = csrPublicKey(request.csr);
  if (!publicKey.ok) throw new Error(`The CSR of request ${request.id} was accepted and is now refused: ${publicKey.failure.kind}.`);
  const { policy, authority } = context;
  const profile = policy.profiles.get(request.profile);
  if (profile === undefined) return failed({ kind: 'profile-unknown', profile: request.profile });
  const wanted = {
    profile: certificateProfile(profile),
    profileName: request.profile,
    policy,
    name: request.claimed.name,
    alternativeNames: alternativeNames(request, seenByApprover),
    publicKey: publicKey.value,
    requestId: request.id,
    role: request.role,
    email: request.claimed.email,
    keySerial: request.verified.attestation?.serial ?? null,
  };
  const planned = await planCertificate(authority, wanted, context.clock());
  const problems = planProblems(authority, wanted, planned);
  if (problems.length === 0) return success(planned);
  context.log('error', 'certificate-lint-failed', { request: request.id, problems: problems.join('; ') });
  return failed({ kind: 'certificate-lint-failed', problems });
}

async function plannedFor(context: Context, requestId: string): Promise<StoredCertificate> {
  const found = await context.store.read((rows) => rows.request(requestId));
  if (!found?.certificate) throw new Error(`The request ${requestId} is approved and has no planned certificate.`);
  return found.certificate;
}

/** The signed certificate; undefined: the CA's key cannot sign now (a token that was pulled, an approver who holds it). */
async function signedNow(context: Context, planned: StoredCertificate): Promise<Uint8Array | undefined> {
  // The issuer may have changed since it was planned.
  const issuer = [context.authority, ...context.formerAuthorities].find(({ id }) => id === planned.issuerId) ?? context.authority;
  try {
    return planned.certificate ?? (await signCertificate(issuer, planned));
  } catch (error) {
    if (!(error instanceof AuthorityKeyUnavailable)) throw error;
    context.log('error', 'certificate-waits-for-key', { serialNumber: planned.serialNumber, failure: error.failure.kind });
    return undefined;
  }
}

/**
 * Signs what was planned and hands it over to the applicant's next question. Safe to repeat, and to run twice at once. Where
 * the CA's key cannot sign now the request stays approved, and whoever asks for it next tries again.
 */
export async function issueApproved(context: Context, requestId: string): Promise<void> {
  const planned = await plannedFor(context, requestId);
  const certificate = await signedNow(context, planned);
  if (certificate === undefined) return;
  await context.store.write(async (rows) => {
    // The first signature stays: of two that ran at once, only one certificate ever leaves.
    await rows.setCertificate(planned.serialNumber, certificate);
    if (!(await rows.changeStatus(requestId, 'approved', 'issued'))) return;
    const facts = { request: requestId, name: planned.name, profile: planned.profile, expiresAt: planned.expiresAt.toISOString() };
    await record(rows, { event: 'certificate-issued', actor: AUTHORITY_ACTOR, at: context.clock(), subject: planned.serialNumber, facts });
  });
  context.log('info', 'certificate-issued', { serialNumber: planned.serialNumber, expiresAt: planned.expiresAt.toISOString() });
}

/** Finishes what was approved when the CA last ended between decision and certificate. */
export async function issueUnfinished(context: Context): Promise<void> {
  for (const id of await context.store.read((rows) => rows.unissuedRequests())) await issueApproved(context, id);
}
