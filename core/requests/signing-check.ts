/**
 * What the holder of a CA's key looks at before it signs: are the bytes what they are said to be, and what was approved?
 * The server that asks may be anybody's by now, so its words count for nothing here.
 */
import { equalBytes } from '../bytes.ts';
import type { SigningJob } from '../certificate-authority.ts';
import { describeName, readAlternativeNames, sameName, formatAlternativeName, attributeValues } from '../x509/names.ts';
import { basicConstraints, parseCertificate, purposes, type ParsedCertificate } from '../x509/certificate.ts';
import { subjectDer } from '../x509/certificate-parts.ts';
import { inspectCsr } from '../x509/csr-inspection.ts';
import { EXTENSION_OID, KEY_PURPOSE_OID, NAME_OID } from '../x509/object-identifiers.ts';
import { encodePublicKey } from '../x509/public-key.ts';
import { certificateToBeSigned, crlToBeRead } from '../x509/to-be-signed.ts';

/** The approved request that a certificate is for, as the holder saw it. */
export interface ApprovedRequest {
  /** DER. */
  readonly csr: Uint8Array;
  readonly name: string;
  readonly email: string | null;
  /** As core/x509/names.ts writes them. */
  readonly otherNames: readonly string[];
}

/** What is wrong with a job, in a few English words; undefined: nothing, and it may be signed. */
export async function problemWithJob(job: SigningJob, approved: ApprovedRequest | null, now: Date): Promise<string | undefined> {
  const issuer = parseCertificate(job.issuer);
  if (issuer === undefined) return 'the issuer cannot be read';
  if (job.kind === 'crl') return problemWithCrl(job, now);
  const certificate = certificateToBeSigned(job.toBeSigned);
  if (certificate === undefined) return 'it is no certificate';
  try {
    return problemWithAny(certificate, issuer) ?? (await problemWithPurpose(job, certificate, approved));
  } catch {
    // The parsers of extensions throw; nothing is signed that they cannot read.
    return 'an extension cannot be read';
  }
}

function problemWithCrl(job: SigningJob, now: Date): string | undefined {
  const crl = crlToBeRead(job.toBeSigned);
  if (crl === undefined) return 'it is no CRL';
  if (!equalBytes(crl.issuerName, subjectDer(job.issuer))) return 'the CRL is of another issuer';
  return crl.thisUpdate.getTime() > now.getTime() ? 'the CRL is of the future' : undefined;
}

/** Nothing that a CA of ours signs may be a CA, another's, or longer than its issuer. */
function problemWithAny(certificate: ParsedCertificate, issuer: ParsedCertificate): string | undefined {
  if (!sameName(certificate.issuer, issuer.subject)) return `it is to be issued by ${describeName(certificate.issuer)}`;
  if (basicConstraints(certificate)?.isAuthority !== false) return 'it would be a CA';
  if (certificate.notAfter.getTime() > issuer.notAfter.getTime()) return 'it would outlive its issuer';
  return equalBytes(encodePublicKey(certificate.publicKey), encodePublicKey(issuer.publicKey)) ? 'it is for the key of the CA itself' : undefined;
}

async function problemWithPurpose(job: SigningJob, certificate: ParsedCertificate, approved: ApprovedRequest | null): Promise<string | undefined> {
  const allowed = purposes(certificate) ?? [];
  const isOnly = (oid: string): boolean => allowed.length === 1 && allowed[0] === oid;
  switch (job.kind) {
    case 'server-certificate':
      return isOnly(KEY_PURPOSE_OID.serverAuth) ? undefined : 'it is for more than a server';
    case 'ocsp-responder':
      return isOnly(KEY_PURPOSE_OID.ocspSigning) ? undefined : 'it is for more than OCSP';
    case 'certificate':
      return approved === null ? 'there is no request that it is for' : problemWithRequest(certificate, allowed, approved);
    default:
      return 'it is nothing that is signed by hand';
  }
}

async function problemWithRequest(certificate: ParsedCertificate, allowed: readonly string[], approved: ApprovedRequest): Promise<string | undefined> {
  const csr = await inspectCsr(approved.csr);
  if (!csr.ok) return 'the CSR cannot be read';
  if (!equalBytes(csr.value.publicKey, encodePublicKey(certificate.publicKey))) return 'it is for another key than the CSR';
  if (!attributeValues(certificate.subject, NAME_OID.commonName).includes(approved.name)) return `it names ${describeName(certificate.subject)}`;
  const claimed = new Set([...(approved.email === null ? [] : [`email:${approved.email}`]), ...approved.otherNames]);
  const stranger = namesOf(certificate).find((name) => !claimed.has(name));
  if (stranger !== undefined) return `nobody claimed ${stranger}`;
  const isKnown = allowed.length > 0 && allowed.every((oid) => oid === KEY_PURPOSE_OID.clientAuth || oid === KEY_PURPOSE_OID.serverAuth);
  return isKnown ? undefined : 'it is for more than a person, a device or a server needs';
}

function namesOf(certificate: ParsedCertificate): readonly string[] {
  const extension = certificate.extensions.find(({ extnID }) => extnID === EXTENSION_OID.subjectAltName);
  return extension === undefined ? [] : readAlternativeNames(extension).names.map(formatAlternativeName);
}
