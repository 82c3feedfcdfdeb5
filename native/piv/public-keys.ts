/** Public keys between PIV's encoding (NIST SP 800-73-4 part 2, table 11) and DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
import { createPublicKey, X509Certificate, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { KeyType } from '../../core/security-key.ts';
import { toBase64Url } from '../../core/bytes.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import { decodeTlvs } from './tlv.ts';

/** Tags inside 7F49 and inside metadata's tag 04; 86 is a point for EC and the raw key for Ed25519 and X25519. */
const TAG = { MODULUS: 0x81, EXPONENT: 0x82, POINT: 0x86 } as const;

/** DER SubjectPublicKeyInfo of a key as the card encodes it; undefined where that is malformed. */
export function publicKeyFromPiv(keyType: KeyType, encoded: Uint8Array): Uint8Array | undefined {
  const fields = new Map(decodeTlvs(encoded)?.map((field) => [field.tag, field.value]));
  const jwk = toJwk(keyType, fields);
  if (!jwk) return undefined;
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    // A modulus of another length is a key of another type.
    return typeOf(key) === keyType ? new Uint8Array(key.export({ type: 'spki', format: 'der' })) : undefined;
  } catch {
    return undefined; // Not a point of the curve.
  }
}

function toJwk(keyType: KeyType, fields: ReadonlyMap<number, Uint8Array>): JsonWebKey | undefined {
  const [modulus, exponent, point] = [fields.get(TAG.MODULUS), fields.get(TAG.EXPONENT), fields.get(TAG.POINT)];
  switch (keyType) {
    case 'RSA1024':
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return modulus && exponent ? { kty: 'RSA', n: toBase64Url(modulus), e: toBase64Url(exponent) } : undefined;
    case 'ECCP256':
      return point && fromPoint('P-256', 32, point);
    case 'ECCP384':
      return point && fromPoint('P-384', 48, point);
    case 'ED25519':
      return point && { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(point) };
    case 'X25519':
      return point && { kty: 'OKP', crv: 'X25519', x: toBase64Url(point) };
  }
}

/** SEC 1, 2.3.3: an uncompressed point is 04, X, Y. */
function fromPoint(crv: string, size: number, point: Uint8Array): JsonWebKey | undefined {
  if (point.length !== 1 + 2 * size || point[0] !== 0x04) return undefined;
  return { kty: 'EC', crv, x: toBase64Url(point.subarray(1, 1 + size)), y: toBase64Url(point.subarray(1 + size)) };
}

/** Reads a DER SubjectPublicKeyInfo; undefined where it is none. */
export function readPublicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** The PIV key type of a DER SubjectPublicKeyInfo; undefined for one that no YubiKey can hold. */
export function keyTypeOf(spki: Uint8Array): KeyType | undefined {
  return typeOf(readPublicKey(spki));
}

function typeOf(key: KeyObject | undefined): KeyType | undefined {
  const details = key?.asymmetricKeyDetails;
  switch (key?.asymmetricKeyType) {
    case 'rsa':
      return RSA_TYPES[details?.modulusLength ?? 0];
    case 'ec':
      return EC_TYPES[details?.namedCurve ?? ''];
    case 'ed25519':
      return 'ED25519';
    case 'x25519':
      return 'X25519';
    default:
      return undefined;
  }
}

const RSA_TYPES: Readonly<Record<number, KeyType>> = { 1024: 'RSA1024', 2048: 'RSA2048', 3072: 'RSA3072', 4096: 'RSA4096' };
const EC_TYPES: Readonly<Record<string, KeyType>> = { prime256v1: 'ECCP256', secp384r1: 'ECCP384' };

/** DER SubjectPublicKeyInfo and end of validity of a DER certificate; undefined where it is none. */
export function certificateFacts(certificate: Uint8Array): { readonly publicKey: Uint8Array; readonly expires: Date } | undefined {
  const parsed = parseCertificate(certificate);
  return parsed && { publicKey: encodePublicKey(parsed.publicKey), expires: parsed.notAfter };
}

/**
 * Whether a DER certificate is for the key pair; null where one of them is missing or cannot be read. Reads the
 * certificate with node:crypto, because it is asked at every insertion.
 */
export function isCertificateOf(keyPair: { readonly publicKey: Uint8Array } | null, certificate: Uint8Array | null): boolean | null {
  const key = keyPair && readPublicKey(keyPair.publicKey);
  if (!key || !certificate) return null;
  try {
    // Not KeyObject.equals: for keys of two types it leaves an error in OpenSSL's queue, and the next createPrivateKey
    // anywhere in the process throws it (Node 20).
    return encodingOf(new X509Certificate(certificate).publicKey).equals(encodingOf(key));
  } catch {
    return null;
  }
}

function encodingOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}
