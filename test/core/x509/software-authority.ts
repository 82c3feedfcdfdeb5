import { toBeSigned, keyIdentifier, randomSerialNumber, withSignature } from '../../../core/x509/certificate-building.ts';
import { commonNameOnly } from '../../../core/x509/names.ts';
import { AUTHORITY_PROFILE, type CertificateProfile, PERSON_PROFILE, validityOf } from '../../../core/x509/profile.ts';
import { type SoftwareKey, softwareKey } from './software-key.ts';

export interface IssuedWith {
  readonly publicKey: Uint8Array;
  readonly profile?: Partial<CertificateProfile>;
  readonly madeAt?: Date;
  readonly issuerName?: string;
  readonly commonName?: string;
}

/** A CA with its key in memory (P-256), for certificates that a real one would not make. */
export interface SoftwareAuthority {
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly sign: SoftwareKey['sign'];
  issue(wanted: IssuedWith): Promise<Uint8Array>;
}

export async function softwareAuthority(name = 'Example CA'): Promise<SoftwareAuthority> {
  const key = softwareKey('ECCP256');
  const certificate = await issue(key, name, { publicKey: key.publicKey, profile: AUTHORITY_PROFILE, commonName: name });
  return { certificate, ...key, issue: (wanted) => issue(key, name, wanted) };
}

async function issue(key: SoftwareKey, issuerName: string, wanted: IssuedWith): Promise<Uint8Array> {
  const profile = { ...PERSON_PROFILE, ...wanted.profile };
  const tbs = await toBeSigned({
    profile,
    serialNumber: randomSerialNumber(),
    subject: commonNameOnly(wanted.commonName ?? 'Ana Example'),
    issuer: commonNameOnly(wanted.issuerName ?? issuerName),
    validity: validityOf(profile, wanted.madeAt ?? new Date()),
    alternativeNames: [{ kind: 'email', value: 'ana@example.org' }],
    publicKey: wanted.publicKey,
    authorityKeyIdentifier: await keyIdentifier(key.publicKey),
    signatureAlgorithm: 'ecdsaWithSHA256',
  });
  const signature = await key.sign(tbs);
  if (!signature.ok) throw new Error(signature.failure.kind);
  return withSignature(tbs, 'ecdsaWithSHA256', signature.value);
}
