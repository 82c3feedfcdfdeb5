/** Public keys as they stand in CSRs and certificates: which kind, and whether it may have a certificate. */
import { ECParameters } from '@peculiar/asn1-ecc';
import { RSAPublicKey } from '@peculiar/asn1-rsa';
import { AsnConvert } from '@peculiar/asn1-schema';
import type { SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import type { EnrollableKeyType } from '../security-key.ts';
import { CURVE_OID, KEY_OID } from './object-identifiers.ts';

/** Either a key type that may have a certificate, or how to call what may not ("RSA-1024", "P-192", "DSA"). */
export type PublicKeyKind =
  | { readonly accepted: true; readonly keyType: EnrollableKeyType }
  | { readonly accepted: false; readonly description: string };

const CURVE_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CURVE_OID).map(([name, oid]) => [oid, name.replace('p', 'P-')]),
);
/** Uncompressed points (SEC 1, section 2.3.3): 04, x, y. */
const CURVES: Readonly<Record<string, { readonly keyType: EnrollableKeyType; readonly pointBytes: number }>> = {
  [CURVE_OID.p256]: { keyType: 'ECCP256', pointBytes: 65 },
  [CURVE_OID.p384]: { keyType: 'ECCP384', pointBytes: 97 },
};
const RSA_SIZES: Readonly<Record<number, EnrollableKeyType>> = { 2048: 'RSA2048', 3072: 'RSA3072', 4096: 'RSA4096' };
/** Every YubiKey and every current tool uses it; the small ones make padding mistakes exploitable. */
const RSA_EXPONENT = 65537n;
const ED25519_BYTES = 32;

const refused = (description: string): PublicKeyKind => ({ accepted: false, description });

function unsigned(bytes: ArrayBuffer): bigint {
  return new Uint8Array(bytes).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function rsaKind(key: SubjectPublicKeyInfo): PublicKeyKind {
  const { modulus, publicExponent } = AsnConvert.parse(key.subjectPublicKey, RSAPublicKey);
  const bits = unsigned(modulus).toString(2).length;
  const keyType = RSA_SIZES[bits];
  if (keyType === undefined) return refused(`RSA-${bits}`);
  if (unsigned(publicExponent) !== RSA_EXPONENT) return refused(`RSA-${bits} with another exponent than 65537`);
  return { accepted: true, keyType };
}

/** The curve's OID; undefined where the curve is spelled out (specifiedCurve) or missing. */
export function namedCurve(key: SubjectPublicKeyInfo): string | undefined {
  const parameters = key.algorithm.parameters;
  const OBJECT_IDENTIFIER_TAG = 0x06;
  if (!parameters || new Uint8Array(parameters)[0] !== OBJECT_IDENTIFIER_TAG) return undefined;
  return AsnConvert.parse(parameters, ECParameters).namedCurve;
}

function curveKind(key: SubjectPublicKeyInfo): PublicKeyKind {
  const oid = namedCurve(key);
  if (oid === undefined) return refused('elliptic curve without a name');
  const curve = CURVES[oid];
  if (curve === undefined) return refused(CURVE_NAMES[oid] ?? `elliptic curve ${oid}`);
  const point = new Uint8Array(key.subjectPublicKey);
  if (point.length !== curve.pointBytes || point[0] !== 0x04) return refused(`${CURVE_NAMES[oid]} with a compressed or broken point`);
  return { accepted: true, keyType: curve.keyType };
}

/** Classifies a SubjectPublicKeyInfo. Throws on broken ASN.1 inside it. */
export function publicKeyKind(key: SubjectPublicKeyInfo): PublicKeyKind {
  switch (key.algorithm.algorithm) {
    case KEY_OID.rsaEncryption:
      return rsaKind(key);
    case KEY_OID.ecPublicKey:
      return curveKind(key);
    case KEY_OID.ed25519:
      return key.subjectPublicKey.byteLength === ED25519_BYTES ? { accepted: true, keyType: 'ED25519' } : refused('Ed25519 of a wrong length');
    case KEY_OID.rsassaPss:
      return refused('RSA-PSS');
    case KEY_OID.dsa:
      return refused('DSA');
    case KEY_OID.x25519:
      return refused('X25519');
    default:
      return refused(`algorithm ${key.algorithm.algorithm}`);
  }
}

/** DER of a SubjectPublicKeyInfo. */
export function encodePublicKey(key: SubjectPublicKeyInfo): Uint8Array<ArrayBuffer> {
  return new Uint8Array(AsnConvert.serialize(key));
}
