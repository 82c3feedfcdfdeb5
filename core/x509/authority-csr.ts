/** The certification request (PKCS#10, RFC 2986) of an issuing CA: a name and a key. What a CA may do is the root's to say. */
import { Attributes, CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import { SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { bitString, sequence } from './der.ts';
import { attributeValues, commonNameOnly } from './names.ts';
import { NAME_OID } from './object-identifiers.ts';
import { encodePublicKey } from './public-key.ts';
import { signatureAlgorithm, verifySignature, type SignatureAlgorithmName } from './signature-algorithm.ts';

export interface AuthorityCsr {
  readonly name: string;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}

/** DER. */
export async function buildAuthorityCsr(wanted: AuthorityCsr, algorithm: SignatureAlgorithmName, sign: (message: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
  const info = new CertificationRequestInfo({
    subject: commonNameOnly(wanted.name),
    subjectPKInfo: AsnConvert.parse(new Uint8Array(wanted.publicKey), SubjectPublicKeyInfo),
    attributes: new Attributes(),
  });
  const tbs = new Uint8Array(AsnConvert.serialize(info));
  return sequence(tbs, new Uint8Array(AsnConvert.serialize(signatureAlgorithm(algorithm))), bitString(await sign(tbs)));
}

/** What a DER request says; undefined where it is none, names nobody, or was not signed by its own key. */
export async function readAuthorityCsr(der: Uint8Array): Promise<AuthorityCsr | undefined> {
  try {
    const request = AsnConvert.parse(new Uint8Array(der), CertificationRequest);
    const { certificationRequestInfo: info, certificationRequestInfoRaw: raw } = request;
    const [name] = attributeValues(info.subject, NAME_OID.commonName);
    if (name === undefined || raw === undefined) return undefined;
    const isSigned = await verifySignature(info.subjectPKInfo, request.signatureAlgorithm.algorithm, new Uint8Array(raw), new Uint8Array(request.signature));
    return isSigned ? { name, publicKey: encodePublicKey(info.subjectPKInfo) } : undefined;
  } catch {
    return undefined;
  }
}
