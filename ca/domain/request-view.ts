/** How a stored request looks from outside: to its applicant, and to an approver. */
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { RequestAndCertificate, StoredRequest } from '../storage/store.ts';
import { chainOfIssuer } from './authority.ts';
import type { Context } from './context.ts';
import type { Officer } from './officers.ts';
import { isSameEmail } from './same-person.ts';

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
    case 'withdrawn':
    case 'expired':
      return view;
    case 'issued':
      if (!certificate?.certificate) throw new Error(`The request ${id} is issued and has no certificate.`);
      return { ...view, certificate: certificate.certificate, chain: chainOfIssuer(context, certificate.issuerId) };
  }
}

/** Whether a request is this officer's: their e-mail address, their key, or to renew the certificate they signed in with. */
export function isOwnRequest(request: StoredRequest, officer: Officer): boolean {
  const isKey = officer.publicKeySha256 !== '' && request.publicKeySha256 === officer.publicKeySha256;
  return isKey || isSameEmail(request.claimed.email, officer.email) || request.renewsSerialNumber === officer.serialNumber;
}

/** The approver's view; `viewer`: who looks. */
export function queueView({ request, certificate, approvals }: RequestAndCertificate, viewer: Officer): CertificateRequest {
  const isIssued = request.status === 'issued';
  return {
    id: request.id,
    status: request.status,
    csr: request.csr,
    profile: request.profile,
    submittedAt: request.submittedAt,
    expiresAt: request.status === 'pending' ? request.expiresAt : null,
    submittedFrom: request.submittedFrom,
    verified: request.verified,
    claimed: request.claimed,
    words: request.words,
    approvals: approvals.map(({ by, at }) => ({ by, at })),
    approvalsNeeded: request.approvalsNeeded,
    isOwn: isOwnRequest(request, viewer),
    renews: request.renewsSerialNumber,
    decision: request.decision,
    certificateSerialNumber: isIssued ? (certificate?.serialNumber ?? null) : null,
    certificateExpiresAt: isIssued ? (certificate?.expiresAt ?? null) : null,
  };
}
