/** From an approved request to its certificate. */
import { inspectCsr } from '../../core/x509/csr-inspection.ts';
import { parseAlternativeName, type AlternativeName } from '../../core/x509/names.ts';
import { PERSON_PROFILE } from '../../core/x509/profile.ts';
import type { StoredCertificate, StoredRequest, StoreWriter } from '../storage/store.ts';
import type { Context } from './context.ts';
import { planCertificate, signCertificate } from './issue.ts';

function alternativeNames(request: StoredRequest, withOtherNames: boolean): readonly AlternativeName[] {
  const { email, otherNames } = request.claimed;
  const others = otherNames.map(parseAlternativeName).filter((name) => name !== undefined);
  return [...(email === null ? [] : [{ kind: 'email', value: email } as const]), ...(withOtherNames ? others : [])];
}

/**
 * Plans the certificate of a request in the transaction that approves it. The subject is the name and nothing else, the
 * alternative names are those the approver saw. Where no approver looked, other names than the e-mail are left out:
 * nobody could object to them.
 */
export async function planForRequest(context: Context, rows: StoreWriter, request: StoredRequest, seenByApprover: boolean): Promise<void> {
  const csr = await inspectCsr(request.csr);
  if (!csr.ok) throw new Error(`The CSR of request ${request.id} was accepted and is now refused: ${csr.failure.kind}.`);
  const wanted = {
    profile: PERSON_PROFILE,
    name: request.claimed.name,
    alternativeNames: alternativeNames(request, seenByApprover),
    publicKey: csr.value.publicKey,
    requestId: request.id,
    role: request.role,
  };
  await rows.addCertificate(await planCertificate(context.authority, wanted, context.clock()));
}

async function plannedFor(context: Context, requestId: string): Promise<StoredCertificate> {
  const found = await context.store.read((rows) => rows.request(requestId));
  if (!found?.certificate) throw new Error(`The request ${requestId} is approved and has no planned certificate.`);
  return found.certificate;
}

/** Signs what was planned and hands it over to the applicant's next question. Safe to repeat, and to run twice at once. */
export async function issueApproved(context: Context, requestId: string): Promise<void> {
  const planned = await plannedFor(context, requestId);
  const certificate = planned.certificate ?? (await signCertificate(context.authority, planned));
  await context.store.write(async (rows) => {
    // The first signature stays: of two that ran at once, only one certificate ever leaves.
    await rows.setCertificate(planned.serialNumber, certificate);
    await rows.changeStatus(requestId, 'approved', 'issued');
  });
  context.log('info', 'certificate-issued', { serialNumber: planned.serialNumber, expiresAt: planned.expiresAt.toISOString() });
}

/** Finishes what was approved when the CA last ended between decision and certificate. */
export async function issueUnfinished(context: Context): Promise<void> {
  for (const id of await context.store.read((rows) => rows.unissuedRequests())) await issueApproved(context, id);
}
