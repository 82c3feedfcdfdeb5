/** Object identifiers by the name their standard gives them. */

/** Public key algorithms and curves (RFC 3279, 5480, 8410). */
export const KEY_OID = {
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsassaPss: '1.2.840.113549.1.1.10',
  dsa: '1.2.840.10040.4.1',
  ecPublicKey: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  x25519: '1.3.101.110',
} as const;

/** Named curves (RFC 5480, section 2.1.1.1; SEC 2). */
export const CURVE_OID = {
  p192: '1.2.840.10045.3.1.1',
  p224: '1.3.132.0.33',
  p256: '1.2.840.10045.3.1.7',
  p384: '1.3.132.0.34',
  p521: '1.3.132.0.35',
} as const;

/** Signature algorithms (RFC 4055, 5758, 8410). */
export const SIGNATURE_OID = {
  sha256WithRSAEncryption: '1.2.840.113549.1.1.11',
  sha384WithRSAEncryption: '1.2.840.113549.1.1.12',
  sha512WithRSAEncryption: '1.2.840.113549.1.1.13',
  ecdsaWithSHA256: '1.2.840.10045.4.3.2',
  ecdsaWithSHA384: '1.2.840.10045.4.3.3',
  ecdsaWithSHA512: '1.2.840.10045.4.3.4',
  ed25519: '1.3.101.112',
} as const;

/** Attributes of a distinguished name (RFC 4519; RFC 2985 for e-mail). */
export const NAME_OID = {
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  emailAddress: '1.2.840.113549.1.9.1',
} as const;

/** Certificate extensions (RFC 5280, section 4.2.1). */
export const EXTENSION_OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  cRLDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const;

/** Access methods of authorityInfoAccess (RFC 5280, section 4.2.2.1). */
export const ACCESS_METHOD_OID = {
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
} as const;

/** Purposes in extKeyUsage (RFC 5280, section 4.2.1.12). */
export const KEY_PURPOSE_OID = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const;

/** otherName of Microsoft: a user principal name. */
export const UPN_OID = '1.3.6.1.4.1.311.20.2.3';

/** PKCS#9 attribute of a CSR that carries the extensions asked for (RFC 2985, section 5.4.2). */
export const EXTENSION_REQUEST_OID = '1.2.840.113549.1.9.14';

/**
 * Attestation inside a CSR, as extensions asked for. The value of each is the DER certificate itself.
 * yubico-piv-tool 2.2 (`--attestation`) writes `.11` for the statement, older texts say `.1`: write `statement`, read both.
 */
export const CSR_ATTESTATION_OID = {
  statement: '1.3.6.1.4.1.41482.3.11',
  statementAlternative: '1.3.6.1.4.1.41482.3.1',
  intermediate: '1.3.6.1.4.1.41482.3.2',
} as const;

/** Extensions of an attestation statement (Yubico, PIV attestation). `.11` here is CSPN, not what it is in a CSR. */
export const STATEMENT_OID = {
  firmware: '1.3.6.1.4.1.41482.3.3',
  serial: '1.3.6.1.4.1.41482.3.7',
  policy: '1.3.6.1.4.1.41482.3.8',
  formFactor: '1.3.6.1.4.1.41482.3.9',
  fips: '1.3.6.1.4.1.41482.3.10',
  cspn: '1.3.6.1.4.1.41482.3.11',
} as const;

/** Extensions of CRLs and their entries (RFC 5280, sections 5.2 and 5.3). */
export const CRL_EXTENSION_OID = {
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  issuingDistributionPoint: '2.5.29.28',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** OCSP (RFC 6960, section 4). */
export const OCSP_OID = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  noCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/** Hash functions, as CertID of OCSP names them (RFC 3279, 5754). */
export const HASH_OID = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;
