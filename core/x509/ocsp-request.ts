/** Reading OCSP requests (RFC 6960, section 4.1). They come from anybody: nothing here trusts a length or a count. */
import { toHex } from '../bytes.ts';
import { contextTag, DerProblem, DerReader, onlyElement, readObjectIdentifier, TAG } from './der-reading.ts';
import { HASH_OID, OCSP_OID } from './object-identifiers.ts';

/** Which certificate is asked about (CertID). */
export interface CertificateId {
  /** The whole CertID as it came: the answer repeats it. */
  readonly der: Uint8Array;
  /** null: another one. */
  readonly hash: 'SHA-1' | 'SHA-256' | null;
  /** Lower-case hex: hashes of the issuer's name and of the bits of its key. */
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  /** Lower-case hex without the sign byte. */
  readonly serialNumber: string;
}

export interface OcspRequest {
  /** At least one, at most {@link MAX_CERTIFICATES}. */
  readonly certificates: readonly CertificateId[];
  /** The bytes inside its OCTET STRING; null: none. */
  readonly nonce: Uint8Array | null;
}

/** More than any chain has. */
export const MAX_CERTIFICATES = 100;
/** Of a nonce (RFC 8954, section 2.1). */
const NONCE_BYTES = { min: 1, max: 32 } as const;
/** Longest a serial number can be with its sign byte (RFC 5280, section 4.1.2.2). */
const MAX_SERIAL_BYTES = 21;

const HASHES: Readonly<Record<string, CertificateId['hash']>> = { [HASH_OID.sha1]: 'SHA-1', [HASH_OID.sha256]: 'SHA-256' };

function readCertificateId(reader: DerReader): CertificateId {
  const { whole, content } = reader.next(TAG.sequence);
  const parts = new DerReader(content);
  const hash = HASHES[readObjectIdentifier(parts.enter(TAG.sequence).next(TAG.objectIdentifier).content)] ?? null;
  const issuerNameHash = toHex(parts.next(TAG.octetString).content);
  const issuerKeyHash = toHex(parts.next(TAG.octetString).content);
  const serial = parts.next(TAG.integer).content;
  parts.end();
  if (serial.length === 0 || serial.length > MAX_SERIAL_BYTES) throw new DerProblem('serial number');
  const unsigned = serial.length > 1 && serial[0] === 0 ? serial.subarray(1) : serial;
  return { der: whole, hash, issuerNameHash, issuerKeyHash, serialNumber: toHex(unsigned) };
}

/** What nobody here understands may be ignored, unless it is critical (section 4.4). Answers the nonce. */
function readExtensions(list: DerReader): Uint8Array | null {
  let nonce: Uint8Array | null = null;
  while (!list.isAtEnd) {
    const extension = list.enter(TAG.sequence);
    const oid = readObjectIdentifier(extension.next(TAG.objectIdentifier).content);
    const isCritical = (extension.optional(TAG.boolean)?.content[0] ?? 0) !== 0;
    const value = extension.next(TAG.octetString).content;
    extension.end();
    if (oid === OCSP_OID.nonce) {
      if (nonce !== null) throw new DerProblem('two nonces');
      nonce = onlyElement(value, TAG.octetString).content;
      if (nonce.length < NONCE_BYTES.min || nonce.length > NONCE_BYTES.max) throw new DerProblem('length of the nonce');
    } else if (isCritical) throw new DerProblem(`critical extension ${oid}`);
  }
  return nonce;
}

function readRequest(der: Uint8Array): OcspRequest {
  const request = new DerReader(onlyElement(der, TAG.sequence).content);
  const tbs = request.enter(TAG.sequence);
  // A signature proves who asks, and here everybody may.
  request.optional(contextTag(0));
  request.end();
  const version = tbs.optional(contextTag(0));
  if (version !== undefined && onlyElement(version.content, TAG.integer).content[0] !== 0) throw new DerProblem('version');
  tbs.optional(contextTag(1));
  const list = tbs.enter(TAG.sequence);
  const certificates: CertificateId[] = [];
  while (!list.isAtEnd) {
    if (certificates.length === MAX_CERTIFICATES) throw new DerProblem('too many certificates');
    const single = list.enter(TAG.sequence);
    certificates.push(readCertificateId(single));
    const extensions = single.optional(contextTag(0));
    if (extensions) readExtensions(new DerReader(onlyElement(extensions.content, TAG.sequence).content));
    single.end();
  }
  if (certificates.length === 0) throw new DerProblem('no certificate');
  const extensions = tbs.optional(contextTag(2));
  tbs.end();
  return { certificates, nonce: extensions ? readExtensions(new DerReader(onlyElement(extensions.content, TAG.sequence).content)) : null };
}

/** Parses a DER OCSPRequest; undefined: the answer is malformedRequest. */
export function parseOcspRequest(der: Uint8Array): OcspRequest | undefined {
  try {
    return readRequest(der);
  } catch (error) {
    if (error instanceof DerProblem) return undefined;
    throw error;
  }
}
