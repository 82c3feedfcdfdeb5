import { toHex } from '../bytes.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { attributeValues, describeName, readAlternativeNames } from '../x509/names.ts';
import { EXTENSION_OID, NAME_OID } from '../x509/object-identifiers.ts';
import type { EnrolledCertificate } from './state.ts';

/** What the window says of a certificate that was found fit, so that it can be read. Throws on any other. */
export function describeCertificate(der: Uint8Array, authorityName: string): EnrolledCertificate {
  const certificate = parseCertificate(der);
  if (certificate === undefined) throw new Error('A certificate that was found fit cannot be read.');
  const alternativeNames = certificate.extensions.find((extension) => extension.extnID === EXTENSION_OID.subjectAltName);
  const names = alternativeNames === undefined ? [] : readAlternativeNames(alternativeNames).names;
  return {
    name: attributeValues(certificate.subject, NAME_OID.commonName)[0] ?? describeName(certificate.subject),
    email: names.find((name) => name.kind === 'email')?.value ?? null,
    authorityName,
    serialNumber: toHex(certificate.serialNumber),
    validFrom: certificate.notBefore,
    validTo: certificate.notAfter,
  };
}
