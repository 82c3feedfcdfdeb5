/**
 * Puts CRLs together (RFC 5280, section 5). The entries are written straight into one array of bytes: a list of 100,000
 * takes milliseconds. Signing happens elsewhere, wherever the CA's key is.
 */
import { AsnConvert } from '@peculiar/asn1-schema';
import type { RevocationReason } from '../requests/issued-certificate.ts';
import { TAG } from './der-reading.ts';
import { derElement, derExtension, derNumber, derTime, explicit } from './der-writing.ts';
import { CRL_EXTENSION_OID } from './object-identifiers.ts';
import { signatureAlgorithm, type SignatureAlgorithmName } from './signature-algorithm.ts';

export interface CrlEntry {
  /** Lower-case hex, at most 20 bytes. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** null: on hold. */
  readonly reason: RevocationReason | null;
}

export interface CrlContents {
  /** DER Name of the issuer, as its certificate has it. */
  readonly issuerName: Uint8Array;
  /** subjectKeyIdentifier of the issuer. */
  readonly authorityKeyIdentifier: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithmName;
  /** cRLNumber: larger than that of the CRL before. */
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: readonly CrlEntry[];
  /**
   * URI that certificates of this partition name, where certificates are spread over several CRLs; null: the CRL speaks
   * for all of the issuer's certificates.
   */
  readonly distributionPoint: string | null;
}

/** CRLReason (section 5.3.1). `unspecified` is not written: its absence says the same. */
export const CRL_REASON = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
} as const satisfies Record<RevocationReason | 'certificateHold', number>;

/** Longest an entry can be: 20 bytes of serial number and a sign byte, GeneralizedTime, a reason. */
const MAX_ENTRY_BYTES = 2 + (2 + 21) + (2 + 15) + 14;

/** crlEntryExtensions of nothing but reasonCode, which is the last byte: SEQUENCE { SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED } } }. */
const REASON_EXTENSION = new Uint8Array([0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x00]);

function nibble(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** Writes an INTEGER out of hex digits and answers where it ends. */
function writeSerialNumber(target: Uint8Array, at: number, hex: string): number {
  const isNegative = nibble(hex.charCodeAt(0)) >= 8;
  const length = hex.length / 2;
  target[at] = TAG.integer;
  target[at + 1] = length + (isNegative ? 1 : 0);
  let offset = at + 2;
  if (isNegative) target[offset++] = 0;
  for (let index = 0; index < hex.length; index += 2) target[offset++] = nibble(hex.charCodeAt(index)) * 16 + nibble(hex.charCodeAt(index + 1));
  return offset;
}

/** revokedCertificates: the content of the SEQUENCE. */
function writeEntries(entries: readonly CrlEntry[]): Uint8Array {
  const target = new Uint8Array(entries.length * MAX_ENTRY_BYTES);
  let offset = 0;
  for (const { serialNumber, revokedAt, reason } of entries) {
    if (!/^(?:[0-9a-f]{2}){1,20}$/.test(serialNumber)) throw new Error(`Not a serial number: ${serialNumber}`);
    const start = offset;
    offset = writeSerialNumber(target, start + 2, serialNumber);
    const time = derTime(revokedAt);
    target.set(time, offset);
    offset += time.length;
    if (reason !== 'unspecified') {
      target.set(REASON_EXTENSION, offset);
      offset += REASON_EXTENSION.length;
      target[offset - 1] = CRL_REASON[reason ?? 'certificateHold'];
    }
    target[start] = TAG.sequence;
    target[start + 1] = offset - start - 2;
  }
  return target.subarray(0, offset);
}

/** `[0] fullName { [6] uniformResourceIdentifier }` inside `[0] distributionPoint` (section 5.2.5). */
function issuingDistributionPoint(uri: string): Uint8Array {
  const name = derElement(0x86, new TextEncoder().encode(uri));
  return derExtension(CRL_EXTENSION_OID.issuingDistributionPoint, true, derElement(TAG.sequence, explicit(0, explicit(0, name))));
}

function crlExtensions(contents: CrlContents): Uint8Array {
  const keyIdentifier = derElement(TAG.sequence, derElement(0x80, contents.authorityKeyIdentifier));
  return derElement(
    TAG.sequence,
    derExtension(CRL_EXTENSION_OID.authorityKeyIdentifier, false, keyIdentifier),
    derExtension(CRL_EXTENSION_OID.cRLNumber, false, derNumber(contents.number)),
    ...(contents.distributionPoint === null ? [] : [issuingDistributionPoint(contents.distributionPoint)]),
  );
}

/** The part of a CRL that is signed (TBSCertList, section 5.1.2), as DER. Finished by `withSignature` of certificate-building.ts. */
export function crlToBeSigned(contents: CrlContents): Uint8Array<ArrayBuffer> {
  return derElement(
    TAG.sequence,
    derNumber(1),
    new Uint8Array(AsnConvert.serialize(signatureAlgorithm(contents.signatureAlgorithm))),
    contents.issuerName,
    derTime(contents.thisUpdate),
    derTime(contents.nextUpdate),
    // An empty list is left out (section 5.1.2.6).
    ...(contents.entries.length === 0 ? [] : [derElement(TAG.sequence, writeEntries(contents.entries))]),
    explicit(0, crlExtensions(contents)),
  );
}
