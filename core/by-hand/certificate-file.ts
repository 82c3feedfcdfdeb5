/** What a person opens as "the certificate": PEM with text around it, DER or PKCS#7, in whatever order a CA wrote it. */
import { equalBytes } from '../bytes.ts';
import type { CertificateFileProblem } from '../failures.ts';
import { type Result, failed, success } from '../result.ts';
import { basicConstraints, parseCertificate, type ParsedCertificate } from '../x509/certificate.ts';
import { DerProblem, DerReader, onlyElement, TAG } from '../x509/der-reading.ts';
import { readPem } from '../x509/pem.ts';
import { certificatesInEnvelope } from '../x509/pkcs7.ts';
import { encodePublicKey } from '../x509/public-key.ts';

/** Far more than a chain in PEM with the text of `openssl x509 -text` around it. */
export const MAX_CERTIFICATE_FILE_BYTES = 256 * 1024;
const MAX_CERTIFICATES = 50;

/** The certificate of one key, and what came along with it. All DER. */
export interface FoundCertificate {
  readonly certificate: Uint8Array;
  readonly others: readonly Uint8Array[];
}

/** Finds the certificate of a public key (DER SubjectPublicKeyInfo) in a file. Fails with certificate-file-refused. */
export function certificateForKey(file: Uint8Array, publicKey: Uint8Array): Result<FoundCertificate> {
  const read = certificatesInFile(file);
  if (!read.ok) return read;
  const mine = read.value.find((certificate) => equalBytes(encodePublicKey(certificate.publicKey), publicKey));
  const others = read.value.filter((certificate) => certificate !== mine).map(({ der }) => der);
  if (mine !== undefined) return success({ certificate: mine.der, others });
  return refused(read.value.every(isAuthority) ? 'only-authorities' : 'other-key');
}

/** Every certificate in a file, in its order; at least one. Fails with certificate-file-refused. */
export function certificatesInFile(file: Uint8Array): Result<readonly ParsedCertificate[]> {
  if (file.length > MAX_CERTIFICATE_FILE_BYTES) return refused('too-large');
  const found = file.includes(0) || file[0] === 0x30 ? binaryCertificates(file) : textCertificates(new TextDecoder().decode(file));
  if (!found.ok) return found;
  const parsed = found.value.slice(0, MAX_CERTIFICATES).map((der) => parseCertificate(der));
  const whole = parsed.filter((certificate) => certificate !== undefined);
  return whole.length > 0 && whole.length === parsed.length ? success(whole) : refused('unreadable');
}

/** Whether it may sign others (RFC 5280, section 4.2.1.9). */
export function isAuthority(certificate: ParsedCertificate): boolean {
  try {
    return basicConstraints(certificate)?.isAuthority === true;
  } catch {
    // Extensions come from outside: what cannot be read makes no CA.
    return false;
  }
}

/** The labels of RFC 7468, and the older ones that OpenSSL still reads. */
function textCertificates(text: string): Result<readonly Uint8Array[]> {
  try {
    const plain = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'].flatMap((label) => readPem(text, label));
    const enveloped = ['PKCS7', 'CMS'].flatMap((label) => readPem(text, label)).flatMap((der) => certificatesInEnvelope(der) ?? []);
    if (plain.length + enveloped.length > 0) return success([...plain, ...enveloped]);
  } catch {
    return refused('unreadable');
  }
  if (/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(text)) return refused('request');
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return refused('private-key');
  return refused(text.trim() === '' ? 'empty' : 'unreadable');
}

function binaryCertificates(der: Uint8Array): Result<readonly Uint8Array[]> {
  const enveloped = certificatesInEnvelope(der);
  if (enveloped !== undefined) return enveloped.length > 0 ? success(enveloped) : refused('empty');
  if (parseCertificate(der) !== undefined) return success([der]);
  return refused(binaryProblem(der));
}

/** Told by the first elements: PFX (RFC 7292, section 4), PrivateKeyInfo (RFC 5208, section 5), CSR (RFC 2986, section 4). */
function binaryProblem(der: Uint8Array): CertificateFileProblem {
  try {
    const content = new DerReader(onlyElement(der, TAG.sequence).content);
    const version = content.optional(TAG.integer);
    if (version !== undefined) return version.content[0] === 3 ? 'pkcs12' : 'private-key';
    const inner = content.enter(TAG.sequence);
    return inner.optional(TAG.integer) !== undefined && inner.optional(TAG.sequence) !== undefined && inner.optional(TAG.sequence) !== undefined ? 'request' : 'unreadable';
  } catch (error) {
    if (error instanceof DerProblem) return 'unreadable';
    throw error;
  }
}

function refused(problem: CertificateFileProblem): Result<never> {
  return failed({ kind: 'certificate-file-refused', problem });
}
