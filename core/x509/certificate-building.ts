/** Puts certificates together (RFC 5280, section 4.1). Signing happens elsewhere, wherever the CA's key is. */
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  type Name,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity as ValidityField,
  Version,
} from '@peculiar/asn1-x509';
import { concatBytes } from '../bytes.ts';
import { bitString, sequence } from './der.ts';
import { alternativeNamesExtension, type AlternativeName } from './names.ts';
import { EXTENSION_OID, OCSP_OID } from './object-identifiers.ts';
import type { CertificateProfile, KeyUsageBit, Validity } from './profile.ts';
import { signatureAlgorithm, type SignatureAlgorithmName } from './signature-algorithm.ts';
import { statusExtensions, type StatusAddresses } from './status-extensions.ts';

/** Everything that goes into one certificate. */
export interface CertificateContents {
  readonly profile: CertificateProfile;
  /** Unsigned, big-endian, without leading zeros, at most 19 bytes: see {@link randomSerialNumber}. */
  readonly serialNumber: Uint8Array;
  readonly subject: Name;
  readonly issuer: Name;
  readonly validity: Validity;
  readonly alternativeNames: readonly AlternativeName[];
  /** DER SubjectPublicKeyInfo of the subject. */
  readonly publicKey: Uint8Array;
  /** subjectKeyIdentifier of the issuer. */
  readonly authorityKeyIdentifier: Uint8Array;
  /** Of the issuer's key. */
  readonly signatureAlgorithm: SignatureAlgorithmName;
  /** Where to ask whether it still holds; without it the certificate names nothing. */
  readonly status?: StatusAddresses;
}

const KEY_USAGE_FLAGS: Readonly<Record<KeyUsageBit, KeyUsageFlags>> = {
  digitalSignature: KeyUsageFlags.digitalSignature,
  keyCertSign: KeyUsageFlags.keyCertSign,
  cRLSign: KeyUsageFlags.cRLSign,
};

const DER_NULL = new Uint8Array([0x05, 0x00]);

/** 128 random bits, the first byte never zero, so that every serial number has the same length: 32 hex digits. */
export function randomSerialNumber(): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] as number) % 255) + 1;
  return bytes;
}

/** SHA-1 over the bits of the public key: method 1 of RFC 5280, section 4.2.1.2. An identifier, not a protection. */
export async function keyIdentifier(publicKey: Uint8Array): Promise<Uint8Array> {
  const { subjectPublicKey } = AsnConvert.parse(new Uint8Array(publicKey), SubjectPublicKeyInfo);
  return new Uint8Array(await crypto.subtle.digest('SHA-1', subjectPublicKey));
}

/** INTEGER is signed: a first bit of 1 needs a zero byte before it, to stay positive (RFC 5280, section 4.1.2.2). */
function integerBytes(unsigned: Uint8Array): ArrayBuffer {
  const isNegative = (unsigned[0] ?? 0) >= 0x80;
  return (isNegative ? concatBytes(new Uint8Array(1), unsigned) : new Uint8Array(unsigned)).buffer;
}

function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** DER wants trailing zero bits of keyUsage gone (X.690, section 11.2.2), and so its length is that of the highest bit. */
function keyUsageExtension(bits: readonly KeyUsageBit[]): Extension {
  return extension(EXTENSION_OID.keyUsage, true, new KeyUsage(bits.reduce((flags, bit) => flags | KEY_USAGE_FLAGS[bit], 0)));
}

function basicConstraintsOf(profile: CertificateProfile): BasicConstraints {
  if (!profile.isAuthority) return new BasicConstraints();
  return profile.pathLength === null ? new BasicConstraints({ cA: true }) : new BasicConstraints({ cA: true, pathLenConstraint: profile.pathLength });
}

async function extensionsOf(contents: CertificateContents): Promise<Extensions> {
  const { profile, alternativeNames, status } = contents;
  return new Extensions([
    extension(EXTENSION_OID.basicConstraints, true, basicConstraintsOf(profile)),
    keyUsageExtension(profile.keyUsage),
    ...(profile.purposes.length > 0 ? [extension(EXTENSION_OID.extKeyUsage, false, new ExtendedKeyUsage([...profile.purposes]))] : []),
    extension(EXTENSION_OID.subjectKeyIdentifier, false, new SubjectKeyIdentifier(await keyIdentifier(contents.publicKey))),
    extension(EXTENSION_OID.authorityKeyIdentifier, false, new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(contents.authorityKeyIdentifier) })),
    ...(alternativeNames.length > 0 ? [alternativeNamesExtension(alternativeNames)] : []),
    ...(status ? statusExtensions(status) : []),
    ...(profile.isNeverChecked === true ? [new Extension({ extnID: OCSP_OID.noCheck, critical: false, extnValue: new OctetString(DER_NULL) })] : []),
  ]);
}

/** The part of a certificate that is signed, as DER. */
export async function toBeSigned(contents: CertificateContents): Promise<Uint8Array> {
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: integerBytes(contents.serialNumber),
    signature: signatureAlgorithm(contents.signatureAlgorithm),
    issuer: contents.issuer,
    validity: new ValidityField({ notBefore: contents.validity.notBefore, notAfter: contents.validity.notAfter }),
    subject: contents.subject,
    subjectPublicKeyInfo: AsnConvert.parse(new Uint8Array(contents.publicKey), SubjectPublicKeyInfo),
    extensions: await extensionsOf(contents),
  });
  return new Uint8Array(AsnConvert.serialize(tbs));
}

/** The certificate, as DER: the signed part, byte for byte, with its signature. */
export function withSignature(tbs: Uint8Array, algorithm: SignatureAlgorithmName, signature: Uint8Array): Uint8Array {
  return sequence(tbs, new Uint8Array(AsnConvert.serialize(signatureAlgorithm(algorithm))), bitString(signature));
}
