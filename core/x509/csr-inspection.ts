/** Reads a certification request (PKCS#10, RFC 2986) that came from outside: everything in it is suspect until checked. */
import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import { type Extension, Extensions } from '@peculiar/asn1-x509';
import { failed, success, type Result } from '../result.ts';
import type { EnrollableKeyType } from '../security-key.ts';
import { isOneSequence, withoutOctetString } from './der.ts';
import { isCommonName, isPersonsName } from './name-rules.ts';
import { attributeValues, readAlternativeNames, type AlternativeName } from './names.ts';
import { CSR_ATTESTATION_OID, EXTENSION_OID, EXTENSION_REQUEST_OID, NAME_OID } from './object-identifiers.ts';
import { encodePublicKey, publicKeyKind } from './public-key.ts';
import { isKnownSignatureAlgorithm, verifySignature } from './signature-algorithm.ts';

/** The two attestation certificates as the CSR carries them (DER); one without the other is 'incomplete'. */
export type CarriedAttestation = { readonly statement: Uint8Array; readonly intermediate: Uint8Array } | 'incomplete' | null;

/** What a CSR says. Its signature holds, its key is of an accepted type, its names can stand in a certificate. */
export interface InspectedCsr {
  /** DER, as it came. */
  readonly csr: Uint8Array;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly keyType: EnrollableKeyType;
  /** null: the subject has none. Other attributes of the subject are not looked at: no certificate here carries them. */
  readonly commonName: string | null;
  /** The first rfc822Name, or the subject's emailAddress. */
  readonly email: string | null;
  readonly otherNames: readonly AlternativeName[];
  readonly attestation: CarriedAttestation;
}

/** More names than anybody has. */
const MAX_NAMES = 16;

function requestedExtensions(request: CertificationRequest): readonly Extension[] {
  return [...(request.certificationRequestInfo.attributes ?? [])]
    .filter((attribute) => attribute.type === EXTENSION_REQUEST_OID)
    .flatMap((attribute) => attribute.values)
    .flatMap((value) => [...AsnConvert.parse(value, Extensions)]);
}

/** The value of a requested extension: a DER certificate, bare as yubico-piv-tool writes it, or in one more OCTET STRING. */
function certificateIn(extensions: readonly Extension[], ...oids: readonly string[]): Uint8Array | undefined {
  const extension = extensions.find((candidate) => oids.includes(candidate.extnID));
  return extension && withoutOctetString(new Uint8Array(extension.extnValue.buffer));
}

function carriedAttestation(extensions: readonly Extension[]): CarriedAttestation {
  const statement = certificateIn(extensions, CSR_ATTESTATION_OID.statement, CSR_ATTESTATION_OID.statementAlternative);
  const intermediate = certificateIn(extensions, CSR_ATTESTATION_OID.intermediate);
  if (!statement && !intermediate) return null;
  return statement && intermediate ? { statement, intermediate } : 'incomplete';
}

function alternativeNames(extensions: readonly Extension[]): { readonly names: readonly AlternativeName[]; readonly unknown: number } {
  const extension = extensions.find((candidate) => candidate.extnID === EXTENSION_OID.subjectAltName);
  return extension ? readAlternativeNames(extension) : { names: [], unknown: 0 };
}

interface ReadCsr extends InspectedCsr {
  /** Names of kinds that are not read; a certificate without them would not be what was asked for. */
  readonly unknownNames: number;
}

function read(csr: Uint8Array, request: CertificationRequest, keyType: EnrollableKeyType): ReadCsr {
  const { subject, subjectPKInfo } = request.certificationRequestInfo;
  const extensions = requestedExtensions(request);
  const { names, unknown } = alternativeNames(extensions);
  const inSubject = attributeValues(subject, NAME_OID.emailAddress).map((value): AlternativeName => ({ kind: 'email', value }));
  const emails = [...names.filter((name) => name.kind === 'email'), ...inSubject].map((name) => name.value);
  const [email = null, ...moreEmails] = new Set(emails);
  return {
    csr,
    publicKey: encodePublicKey(subjectPKInfo),
    keyType,
    commonName: attributeValues(subject, NAME_OID.commonName)[0] ?? null,
    email,
    otherNames: [...moreEmails.map((value): AlternativeName => ({ kind: 'email', value })), ...names.filter((name) => name.kind !== 'email')],
    attestation: carriedAttestation(extensions),
    unknownNames: unknown,
  };
}

/** The field that cannot stand in a certificate; undefined: none. */
function refusedField(csr: ReadCsr): string | undefined {
  if (csr.commonName !== null && !isCommonName(csr.commonName)) return 'commonName';
  const names: readonly AlternativeName[] = [...(csr.email === null ? [] : [{ kind: 'email', value: csr.email } as const]), ...csr.otherNames];
  if (csr.unknownNames > 0 || names.length > MAX_NAMES) return 'subjectAltName';
  return names.find((name) => !isPersonsName(name))?.kind;
}

/** Runs a parser on bytes from outside; what it throws is "unreadable". */
function attempt<T>(parser: () => T): Result<T> {
  try {
    return success(parser());
  } catch (error) {
    return failed({ kind: 'csr-unreadable', detail: error instanceof Error ? error.message.slice(0, 200) : 'not ASN.1' });
  }
}

function parse(csr: Uint8Array): Result<CertificationRequest> {
  if (!isOneSequence(csr)) return failed({ kind: 'csr-unreadable', detail: 'not one DER sequence, or cut off' });
  return attempt(() => AsnConvert.parse(new Uint8Array(csr), CertificationRequest));
}

/**
 * Inspects a DER CSR: form, key type, signature (proof that whoever made it has the private key), names, in this order.
 * Fails with csr-unreadable, csr-key-refused, csr-signature-invalid, csr-name-refused. The attestation is only taken out,
 * not believed: see attestation.ts.
 */
export async function inspectCsr(csr: Uint8Array): Promise<Result<InspectedCsr>> {
  const parsed = parse(csr);
  if (!parsed.ok) return parsed;
  const { certificationRequestInfo: info, certificationRequestInfoRaw: signed, signatureAlgorithm, signature } = parsed.value;
  const kind = attempt(() => publicKeyKind(info.subjectPKInfo));
  if (!kind.ok) return kind;
  if (!kind.value.accepted) return failed({ kind: 'csr-key-refused', keyType: kind.value.description });
  const { keyType } = kind.value;
  if (!isKnownSignatureAlgorithm(signatureAlgorithm.algorithm)) {
    return failed({ kind: 'csr-unreadable', detail: `signature algorithm ${signatureAlgorithm.algorithm}` });
  }
  if (signed === undefined) throw new Error('The parser did not keep the signed bytes.');
  const isSigned = await verifySignature(info.subjectPKInfo, signatureAlgorithm.algorithm, new Uint8Array(signed), new Uint8Array(signature));
  if (!isSigned) return failed({ kind: 'csr-signature-invalid' });
  const contents = attempt(() => read(csr, parsed.value, keyType));
  if (!contents.ok) return contents;
  const field = refusedField(contents.value);
  return field === undefined ? contents : failed({ kind: 'csr-name-refused', field });
}

/** The public key (DER SubjectPublicKeyInfo) of a CSR that was inspected before. Fails with csr-unreadable. */
export function csrPublicKey(csr: Uint8Array): Result<Uint8Array> {
  const parsed = parse(csr);
  return parsed.ok ? attempt(() => encodePublicKey(parsed.value.certificationRequestInfo.subjectPKInfo)) : parsed;
}
