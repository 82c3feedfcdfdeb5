/**
 * Decisions of approvers. Each goes to the CA as a statement that the approver's own key signs (a JWS, RFC 7515, with the
 * certificate in `x5c`), and is kept: see decision-statement.ts.
 */
import type { Failure } from '../failures.ts';
import type { CertificateRequest } from './certificate-request.ts';
import type { IssuedCertificate, RevocationReason } from './issued-certificate.ts';

/** So many are handed in at a time, each with a signature of its own. */
export const MAX_DECISIONS = 100;

/** What is decided. `csrSha256`: of the DER CSR that the approver saw, lower-case hex. */
export type Decision =
  | { readonly decision: 'approve'; readonly requestId: string; readonly csrSha256: string }
  | { readonly decision: 'deny'; readonly requestId: string; readonly csrSha256: string; readonly reason: string }
  | { readonly decision: 'revoke'; readonly serialNumber: string; readonly reason: RevocationReason }
  | { readonly decision: 'hold'; readonly serialNumber: string }
  | { readonly decision: 'release'; readonly serialNumber: string }
  /** Every certificate that is issued for this e-mail address and not revoked: the person leaves. */
  | { readonly decision: 'revoke-person'; readonly email: string; readonly reason: RevocationReason };

export type DecisionKind = Decision['decision'];

/** What became of one decision: the entry as it is now, or why not. Of several, each stands for itself. */
export type DecisionOutcome =
  | { readonly ok: true; readonly request: CertificateRequest | null; readonly certificates: readonly IssuedCertificate[] }
  | { readonly ok: false; readonly failure: Failure };
