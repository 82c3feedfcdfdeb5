/** How a stored request looks from outside: to its applicant, and to an approver. */
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { RequestAndCertificate } from '../storage/store.ts';
import { chainOfIssuer } from './authority.ts';
import type { Context } from './context.ts';

/** The applicant's view. */
export function submittedView(context: Context, { request, certificate }: RequestAndCertificate): SubmittedRequest {
  const { id, status, submittedAt } = request;
  const view = { id, status, submittedAt };
  switch (status) {
    case 'pending':
    case 'approved':
      return { ...view, retryAfterSeconds: context.policy.retryAfterSeconds };
    case 'denied':
      return { ...view, denialReason: request.decision?.reason ?? '' };
    case 'issued':
      if (!certificate?.certificate) throw new Error(`The request ${id} is issued and has no certificate.`);
      return { ...view, certificate: certificate.certificate, chain: chainOfIssuer(context, certificate.issuerId) };
  }
}

/** The approver's view. */
export function queueView({ request, certificate }: RequestAndCertificate): CertificateRequest {
  const isIssued = request.status === 'issued';
  return {
    id: request.id,
    status: request.status,
    submittedAt: request.submittedAt,
    submittedFrom: request.submittedFrom,
    verified: request.verified,
    claimed: request.claimed,
    words: request.words,
    decision: request.decision,
    certificateSerialNumber: isIssued ? (certificate?.serialNumber ?? null) : null,
    certificateExpiresAt: isIssued ? (certificate?.expiresAt ?? null) : null,
  };
}
