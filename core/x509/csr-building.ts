/** Makes a certification request (PKCS#10, RFC 2986) whose private key is somewhere else: on a security key. */
import { Attributes, CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { Attribute, Extension, Extensions, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { type Result, failed, success, unreachable } from '../result.ts';
import type { Attestation, EnrollableKeyType } from '../security-key.ts';
import { isCommonName, isEmail, isPersonsName } from './name-rules.ts';
import { type AlternativeName, alternativeNamesExtension, commonNameOnly } from './names.ts';
import { CSR_ATTESTATION_OID, EXTENSION_REQUEST_OID, SIGNATURE_OID } from './object-identifiers.ts';
import { publicKeyKind } from './public-key.ts';
import { type SignatureAlgorithmName, signatureAlgorithm, verifySignature } from './signature-algorithm.ts';

export interface NewCsr {
  readonly commonName: string;
  /** rfc822Name; the subject has no emailAddress (RFC 5280, section 4.1.2.6 calls that deprecated). */
  readonly email: string;
  /** URI, UPN, DNS, further e-mail addresses. */
  readonly otherNames?: readonly AlternativeName[];
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** Carried as requested extensions, the way `yubico-piv-tool -a request-certificate --attestation` does it. */
  readonly attestation: Attestation | null;
  /** Signs as {@link SecurityKey.sign} does: the algorithm follows from the key type. */
  readonly sign: (message: Uint8Array) => Promise<Result<Uint8Array>>;
}

/**
 * A signed DER CSR. Fails with csr-name-refused, csr-key-refused, what `sign` fails with, and csr-signature-invalid where
 * the signature does not belong to the public key: a CSR that the CA must refuse is never handed in.
 */
export async function buildCsr(wanted: NewCsr): Promise<Result<Uint8Array>> {
  const refusedField = findRefusedField(wanted);
  if (refusedField !== undefined) return failed({ kind: 'csr-name-refused', field: refusedField });
  const subjectPKInfo = AsnConvert.parse(new Uint8Array(wanted.publicKey), SubjectPublicKeyInfo);
  const kind = publicKeyKind(subjectPKInfo);
  if (!kind.accepted) return failed({ kind: 'csr-key-refused', keyType: kind.description });

  const subject = commonNameOnly(wanted.commonName);
  const attributes = new Attributes([extensionRequest(wanted)]);
  const certificationRequestInfo = new CertificationRequestInfo({ subject, subjectPKInfo, attributes });
  const toBeSigned = new Uint8Array(AsnConvert.serialize(certificationRequestInfo));
  const signature = await wanted.sign(toBeSigned);
  if (!signature.ok) return signature;

  const algorithm = algorithmOf(kind.keyType);
  const holds = await verifySignature(subjectPKInfo, SIGNATURE_OID[algorithm], toBeSigned, signature.value);
  if (!holds) return failed({ kind: 'csr-signature-invalid' });
  const request = new CertificationRequest({
    certificationRequestInfo,
    certificationRequestInfoRaw: toBeSigned.buffer,
    signatureAlgorithm: signatureAlgorithm(algorithm),
    signature: new Uint8Array(signature.value).buffer,
  });
  return success(new Uint8Array(AsnConvert.serialize(request)));
}

/** What {@link SecurityKey.sign} makes of a key type. */
function algorithmOf(keyType: EnrollableKeyType): SignatureAlgorithmName {
  switch (keyType) {
    case 'ECCP256':
      return 'ecdsaWithSHA256';
    case 'ECCP384':
      return 'ecdsaWithSHA384';
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return 'sha256WithRSAEncryption';
    case 'ED25519':
      return 'ed25519';
    default:
      return unreachable(keyType);
  }
}

/** One attribute with one value: all extensions asked for (RFC 2985, section 5.4.2). */
function extensionRequest(wanted: NewCsr): Attribute {
  const names: AlternativeName[] = [{ kind: 'email', value: wanted.email }, ...(wanted.otherNames ?? [])];
  const extensions = [alternativeNamesExtension(names), ...attestationExtensions(wanted.attestation)];
  return new Attribute({ type: EXTENSION_REQUEST_OID, values: [AsnConvert.serialize(new Extensions(extensions))] });
}

function attestationExtensions(attestation: Attestation | null): readonly Extension[] {
  if (attestation === null) return [];
  const extension = (extnID: string, certificate: Uint8Array): Extension =>
    new Extension({ extnID, critical: false, extnValue: new OctetString(new Uint8Array(certificate)) });
  return [
    extension(CSR_ATTESTATION_OID.statement, attestation.statement),
    extension(CSR_ATTESTATION_OID.intermediate, attestation.intermediate),
  ];
}

function findRefusedField(wanted: NewCsr): string | undefined {
  if (!isCommonName(wanted.commonName)) return 'commonName';
  if (!isEmail(wanted.email)) return 'email';
  return wanted.otherNames?.find((name) => !isPersonsName(name))?.kind;
}
