/**
 * Issuing, in two steps, so that a crash between them costs nothing:
 *   plan    every byte that will be signed, with its serial number, goes into the store (together with the decision)
 *   sign    the stored bytes are signed; done again after a crash, it is the same certificate with the same serial number
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { equalBytes, toHex } from '../../core/bytes.ts';
import { randomSerialNumber, toBeSigned, withSignature } from '../../core/x509/certificate-building.ts';
import { basicConstraints, parseCertificate, purposes } from '../../core/x509/certificate.ts';
import { commonNameOnly, sameName, type AlternativeName } from '../../core/x509/names.ts';
import { validityOf, type CertificateProfile } from '../../core/x509/profile.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import type { Role, StoredCertificate } from '../storage/store.ts';
import type { Authority } from './authority.ts';

export interface WantedCertificate {
  readonly profile: CertificateProfile;
  readonly name: string;
  readonly alternativeNames: readonly AlternativeName[];
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly requestId: string | null;
  readonly role: Role | null;
}

/** The certificate to be, with a serial number of its own, not signed yet. */
export async function planCertificate(authority: Authority, wanted: WantedCertificate, now: Date): Promise<StoredCertificate> {
  const serialNumber = randomSerialNumber();
  const validity = validityOf(wanted.profile, now, authority.certificate);
  const tbs = await toBeSigned({
    profile: wanted.profile,
    serialNumber,
    subject: commonNameOnly(wanted.name),
    issuer: authority.certificate.subject,
    validity,
    alternativeNames: wanted.alternativeNames,
    publicKey: wanted.publicKey,
    authorityKeyIdentifier: authority.keyIdentifier,
    signatureAlgorithm: authority.key.signatureAlgorithm,
  });
  return {
    serialNumber: toHex(serialNumber),
    requestId: wanted.requestId,
    profile: wanted.profile.name,
    role: wanted.role,
    name: wanted.name,
    tbs,
    certificate: null,
    madeAt: now,
    expiresAt: validity.notAfter,
  };
}

/**
 * Looks at a finished certificate as a stranger would, before anybody gets it: OpenSSL (through Node) reads it and
 * verifies it against the CA, our own parser compares it with the plan. A difference is a bug, so it throws.
 */
function check(authority: Authority, planned: StoredCertificate, der: Uint8Array): void {
  const stranger = new X509Certificate(der);
  const authorityCertificate = new X509Certificate(authority.certificate.der);
  const authorityKey = createPublicKey({ key: Buffer.from(authority.key.publicKey), format: 'der', type: 'spki' });
  const parsed = parseCertificate(der);
  const problems = [
    !stranger.verify(authorityKey) && 'signature',
    !stranger.checkIssued(authorityCertificate) && 'issuer',
    (stranger.ca || (parsed && basicConstraints(parsed)?.isAuthority !== false)) && 'basicConstraints',
    stranger.serialNumber.toLowerCase() !== planned.serialNumber && 'serial number',
    !parsed && 'form',
    parsed && !equalBytes(parsed.tbs, planned.tbs) && 'contents',
    parsed && !sameName(parsed.issuer, authority.certificate.subject) && 'issuer name',
    parsed && !sameName(parsed.subject, commonNameOnly(planned.name)) && 'subject',
    parsed && parsed.notAfter.getTime() > authority.certificate.notAfter.getTime() && 'validity',
    parsed && (purposes(parsed)?.length ?? 0) === 0 && 'purposes',
    parsed && equalBytes(encodePublicKey(parsed.publicKey), authority.key.publicKey) && "the CA's own key",
  ].filter((problem) => typeof problem === 'string');
  if (problems.length > 0) throw new Error(`The certificate ${planned.serialNumber} came out wrong: ${problems.join(', ')}.`);
}

/** Signs a planned certificate and checks it. The same plan gives the same certificate, but for the bits of the signature. */
export async function signCertificate(authority: Authority, planned: StoredCertificate): Promise<Uint8Array> {
  const der = withSignature(planned.tbs, authority.key.signatureAlgorithm, await authority.key.sign(planned.tbs));
  check(authority, planned, der);
  return der;
}
