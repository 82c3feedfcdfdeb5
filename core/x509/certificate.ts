/** Reading certificates (RFC 5280, section 4.1). */
import { AsnConvert } from '@peculiar/asn1-schema';
import { BasicConstraints, Certificate, ExtendedKeyUsage, type Extension, KeyUsage, type Name, type SubjectPublicKeyInfo, SubjectKeyIdentifier } from '@peculiar/asn1-x509';
import { isOneSequence } from './der.ts';
import { EXTENSION_OID } from './object-identifiers.ts';
import { verifySignature } from './signature-algorithm.ts';

/** A certificate, taken apart as far as its checks need. */
export interface ParsedCertificate {
  readonly der: Uint8Array;
  readonly subject: Name;
  readonly issuer: Name;
  /** Unsigned, big-endian, without the sign byte of its INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Extension[];
  /** The bytes that are signed. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
}

function withoutSignByte(integer: Uint8Array): Uint8Array {
  return integer.length > 1 && integer[0] === 0 ? integer.subarray(1) : integer;
}

/** Parses one DER certificate; undefined where it is none, or is cut off or has bytes behind its end. */
export function parseCertificate(der: Uint8Array): ParsedCertificate | undefined {
  if (!isOneSequence(der)) return undefined;
  try {
    const certificate = AsnConvert.parse(new Uint8Array(der), Certificate);
    const { tbsCertificate: tbs, tbsCertificateRaw } = certificate;
    if (tbsCertificateRaw === undefined) throw new Error('The parser did not keep the signed bytes.');
    return {
      der,
      subject: tbs.subject,
      issuer: tbs.issuer,
      serialNumber: withoutSignByte(new Uint8Array(tbs.serialNumber)),
      publicKey: tbs.subjectPublicKeyInfo,
      notBefore: tbs.validity.notBefore.getTime(),
      notAfter: tbs.validity.notAfter.getTime(),
      extensions: [...(tbs.extensions ?? [])],
      tbs: new Uint8Array(tbsCertificateRaw),
      signatureAlgorithm: certificate.signatureAlgorithm.algorithm,
      signature: new Uint8Array(certificate.signatureValue),
    };
  } catch {
    return undefined;
  }
}

/** Value of the extension; undefined: not there. */
export function extensionValue(certificate: ParsedCertificate, oid: string): Uint8Array | undefined {
  const extension = certificate.extensions.find((candidate) => candidate.extnID === oid);
  return extension && new Uint8Array(extension.extnValue.buffer);
}

/** Whether `issuer`'s key made the signature of `certificate`. Names are not looked at. */
export function isSignedBy(certificate: ParsedCertificate, issuer: ParsedCertificate): Promise<boolean> {
  return verifySignature(issuer.publicKey, certificate.signatureAlgorithm, certificate.tbs, certificate.signature);
}

/** basicConstraints, as far as it is there (section 4.2.1.9). Throws on broken ASN.1, like the two below. */
export function basicConstraints(certificate: ParsedCertificate): { readonly isAuthority: boolean; readonly pathLength: number | null } | undefined {
  const value = extensionValue(certificate, EXTENSION_OID.basicConstraints);
  if (value === undefined) return undefined;
  const parsed = AsnConvert.parse(value, BasicConstraints);
  return { isAuthority: parsed.cA, pathLength: parsed.pathLenConstraint ?? null };
}

/** keyUsage as a set of names such as "digitalSignature"; undefined: any (section 4.2.1.3). */
export function keyUsage(certificate: ParsedCertificate): readonly string[] | undefined {
  const value = extensionValue(certificate, EXTENSION_OID.keyUsage);
  return value && AsnConvert.parse(value, KeyUsage).toJSON();
}

/** Purposes in extKeyUsage, as OIDs; undefined: any (section 4.2.1.12). */
export function purposes(certificate: ParsedCertificate): readonly string[] | undefined {
  const value = extensionValue(certificate, EXTENSION_OID.extKeyUsage);
  return value && [...AsnConvert.parse(value, ExtendedKeyUsage)];
}

/** subjectKeyIdentifier (section 4.2.1.2). */
export function subjectKeyIdentifier(certificate: ParsedCertificate): Uint8Array | undefined {
  const value = extensionValue(certificate, EXTENSION_OID.subjectKeyIdentifier);
  return value && new Uint8Array(AsnConvert.parse(value, SubjectKeyIdentifier).buffer);
}
