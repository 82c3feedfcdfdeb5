/** How a stored certificate looks to approvers, and the pages of all of them. */
import type { CertificatePage } from '../../core/certificate-authority.ts';
import type { CertificateStatus, IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import type { Page, StoredCertificate } from '../storage/store.ts';
import type { Context } from './context.ts';

/** The approver's view. */
export function certificateView(certificate: StoredCertificate): IssuedCertificate {
  return {
    serialNumber: certificate.serialNumber,
    name: certificate.name,
    email: certificate.email,
    profile: certificate.profile,
    role: certificate.role ?? 'user',
    issuedAt: certificate.madeAt,
    expiresAt: certificate.expiresAt,
    status: certificate.status,
    revokedAt: certificate.revokedAt,
    revocationReason: certificate.revocationReason,
    keySerial: certificate.keySerial,
    requestId: certificate.requestId,
  };
}

/** Certificates of people, devices and servers, newest first. */
export async function listCertificates(context: Context, query: Page & { readonly status?: CertificateStatus | undefined }): Promise<CertificatePage> {
  const { rows, next } = await context.store.read((reader) => reader.certificates(query));
  return { certificates: rows.map(certificateView), next };
}
