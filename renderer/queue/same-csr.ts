import { equalBytes } from '../../core/bytes.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';

/** `now`, where it is of the CSR that was read before. A decision is made on what was read: another CSR under the same number is none of it. */
export function ofSameCsr(now: CertificateRequest, read: CertificateRequest): CertificateRequest | 'exchanged' {
  return equalBytes(now.csr, read.csr) ? now : 'exchanged';
}
