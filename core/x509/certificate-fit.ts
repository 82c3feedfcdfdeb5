/** Whether a certificate that came back from the CA belongs onto this key: looked at before anything is written. */
import { equalBytes } from '../bytes.ts';
import type { CertificateUnfitReason } from '../failures.ts';
import { type Result, done, failed } from '../result.ts';
import { chainToPinned } from './certificate-chain.ts';
import { type ParsedCertificate, basicConstraints, keyUsage, parseCertificate, purposes } from './certificate.ts';
import { describeName, sameName } from './names.ts';
import { KEY_PURPOSE_OID } from './object-identifiers.ts';
import { encodePublicKey } from './public-key.ts';

export interface CertificateToFit {
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER SubjectPublicKeyInfo of the key in 9a. */
  readonly publicKey: Uint8Array;
  /** DER of the pinned CA. */
  readonly caCertificate: Uint8Array;
  /** DER of CAs that may stand between, in any order. None: the pinned one issued it. */
  readonly chain?: readonly Uint8Array[] | undefined;
  readonly now: Date;
}

/** Fails with certificate-unfit and the first reason found, in the order of {@link CertificateUnfitReason}. */
export async function checkCertificateFit(wanted: CertificateToFit): Promise<Result<void>> {
  const certificate = parseCertificate(wanted.certificate);
  const ca = parseCertificate(wanted.caCertificate);
  if (certificate === undefined) return unfit('unreadable');
  if (ca === undefined) return unfit('chain', 'the pinned CA certificate cannot be read');
  if (!equalBytes(encodePublicKey(certificate.publicKey), wanted.publicKey)) return unfit('public-key');
  const issuers = wanted.chain ?? [];
  if ((await chainToPinned(certificate, issuers, ca, wanted.now)) === undefined) {
    const isNamed = issuers.length > 0 || sameName(certificate.issuer, ca.subject);
    return unfit('chain', isNamed ? 'not signed by the pinned CA' : `issued under another name: ${describeName(certificate.issuer)}`);
  }
  if (certificate.notBefore > wanted.now) return unfit('not-yet-valid', certificate.notBefore.toISOString());
  if (certificate.notAfter < wanted.now) return unfit('expired', certificate.notAfter.toISOString());
  return checkUsage(certificate);
}

/** What a TLS client needs of it (RFC 5280, sections 4.2.1.3, 4.2.1.9 and 4.2.1.12). */
function checkUsage(certificate: ParsedCertificate): Result<void> {
  try {
    if (purposes(certificate)?.includes(KEY_PURPOSE_OID.clientAuth) !== true) return unfit('client-auth', 'extended key usage without clientAuth');
    if (keyUsage(certificate)?.includes('digitalSignature') === false) return unfit('client-auth', 'key usage without digitalSignature');
    if (basicConstraints(certificate)?.isAuthority === true) return unfit('client-auth', 'it is a CA certificate');
    return done;
  } catch {
    // Extensions come from outside: whatever the parser dislikes about them makes the certificate unreadable.
    return unfit('unreadable', 'broken extension');
  }
}

function unfit(reason: CertificateUnfitReason, detail?: string): Result<void> {
  return failed(detail === undefined ? { kind: 'certificate-unfit', reason } : { kind: 'certificate-unfit', reason, detail });
}
