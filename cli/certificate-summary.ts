import { X509Certificate } from 'node:crypto';

/** What a person wants to know of a certificate at a glance; a null subject: it cannot be read. */
export type CertificateSummary =
  | { readonly subject: string; readonly issuer: string; readonly serialNumber: string; readonly validFrom: Date; readonly validTo: Date }
  | { readonly subject: null };

/** The summary of a DER certificate, which may be anything: it comes from a key that other programs write too. */
export function readCertificateSummary(der: Uint8Array): CertificateSummary {
  try {
    const certificate = new X509Certificate(der);
    return {
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      serialNumber: certificate.serialNumber.toLowerCase(),
      validFrom: new Date(certificate.validFrom),
      validTo: new Date(certificate.validTo),
    };
  } catch {
    return { subject: null };
  }
}

/** Node gives one attribute a line. */
function oneLine(name: string): string {
  return name.split('\n').join(', ');
}
