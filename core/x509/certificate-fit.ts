/** Whether a certificate that came back from the CA belongs onto this key: looked at before anything is written. */
import { AsnConvert } from '@peculiar/asn1-schema';
import { BasicConstraints, Certificate, ExtendedKeyUsage, type Extension, KeyUsage, KeyUsageFlags } from '@peculiar/asn1-x509';
import { equalBytes } from '../bytes.ts';
import type { CertificateUnfitReason } from '../failures.ts';
import { type Result, done, failed } from '../result.ts';
import { isOneSequence } from './der.ts';
import { sameName } from './names.ts';
import { EXTENSION_OID, KEY_PURPOSE_OID } from './object-identifiers.ts';
import { encodePublicKey } from './public-key.ts';
import { verifySignature } from './signature-algorithm.ts';

export interface CertificateToFit {
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER SubjectPublicKeyInfo of the key in 9a. */
  readonly publicKey: Uint8Array;
  /** DER of the pinned CA. */
  readonly caCertificate: Uint8Array;
  readonly now: Date;
}

/** Fails with certificate-unfit and the first reason found, in the order of {@link CertificateUnfitReason}. */
export async function checkCertificateFit(wanted: CertificateToFit): Promise<Result<void>> {
  const certificate = parse(wanted.certificate);
  const ca = parse(wanted.caCertificate);
  if (certificate === undefined) return unfit('unreadable');
  if (ca === undefined) return unfit('chain', 'the pinned CA certificate cannot be read');
  const { tbsCertificate } = certificate;
  if (!equalBytes(encodePublicKey(tbsCertificate.subjectPublicKeyInfo), wanted.publicKey)) return unfit('public-key');
  if (!sameName(tbsCertificate.issuer, ca.tbsCertificate.subject)) return unfit('chain', 'issued under another name');
  if (!(await isSignedBy(ca, certificate))) return unfit('chain', 'not signed by the pinned CA');
  const { notBefore, notAfter } = tbsCertificate.validity;
  if (notBefore.getTime() > wanted.now) return unfit('not-yet-valid', notBefore.getTime().toISOString());
  if (notAfter.getTime() < wanted.now) return unfit('expired', notAfter.getTime().toISOString());
  const usageProblem = attempt(() => ({ found: findUsageProblem(tbsCertificate.extensions ?? []) }));
  if (usageProblem === undefined) return unfit('unreadable');
  return usageProblem.found === undefined ? done : unfit('client-auth', usageProblem.found);
}

async function isSignedBy(ca: Certificate, certificate: Certificate): Promise<boolean> {
  const { algorithm } = certificate.signatureAlgorithm;
  const signed = certificate.tbsCertificateRaw;
  if (signed === undefined) throw new Error('The parser did not keep the signed bytes.');
  // The algorithm stands inside the signed part and outside; they must agree (RFC 5280, section 4.1.1.2).
  if (certificate.tbsCertificate.signature.algorithm !== algorithm) return false;
  const signature = new Uint8Array(certificate.signatureValue);
  return verifySignature(ca.tbsCertificate.subjectPublicKeyInfo, algorithm, new Uint8Array(signed), signature);
}

/** What keeps a TLS client from using it (RFC 5280, sections 4.2.1.3, 4.2.1.9 and 4.2.1.12); undefined: nothing. */
function findUsageProblem(extensions: readonly Extension[]): string | undefined {
  const purposes = parseExtension(extensions, EXTENSION_OID.extKeyUsage, ExtendedKeyUsage);
  if (!purposes?.includes(KEY_PURPOSE_OID.clientAuth)) return 'extended key usage without clientAuth';
  const usage = parseExtension(extensions, EXTENSION_OID.keyUsage, KeyUsage);
  if (usage !== undefined && (usage.toNumber() & KeyUsageFlags.digitalSignature) === 0) return 'key usage without digitalSignature';
  if (parseExtension(extensions, EXTENSION_OID.basicConstraints, BasicConstraints)?.cA === true) return 'it is a CA certificate';
  return undefined;
}

function parseExtension<T>(extensions: readonly Extension[], oid: string, type: new () => T): T | undefined {
  const extension = extensions.find((candidate) => candidate.extnID === oid);
  return extension === undefined ? undefined : AsnConvert.parse(extension.extnValue.buffer, type);
}

function parse(der: Uint8Array): Certificate | undefined {
  return isOneSequence(der) ? attempt(() => AsnConvert.parse(new Uint8Array(der), Certificate)) : undefined;
}

/** Certificates come from outside: whatever the parser dislikes makes them unreadable, which is undefined here. */
function attempt<T>(parser: () => T): T | undefined {
  try {
    return parser();
  } catch {
    return undefined;
  }
}

function unfit(reason: CertificateUnfitReason, detail?: string): Result<void> {
  return failed(detail === undefined ? { kind: 'certificate-unfit', reason } : { kind: 'certificate-unfit', reason, detail });
}
