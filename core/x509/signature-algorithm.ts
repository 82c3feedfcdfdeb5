/** Signature algorithms of certificates, CSRs and statements: their identifiers, and verifying with WebCrypto. */
import { AlgorithmIdentifier, type SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { rawEcdsaSignature } from './ecdsa-signature.ts';
import { CURVE_OID, SIGNATURE_OID } from './object-identifiers.ts';
import { encodePublicKey, namedCurve } from './public-key.ts';

export type SignatureAlgorithmName = keyof typeof SIGNATURE_OID;

type Scheme = { readonly scheme: 'RSA' | 'ECDSA'; readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512' } | { readonly scheme: 'Ed25519' };

/** SHA-1 is missing on purpose: nothing that is made today needs it. */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  [SIGNATURE_OID.sha256WithRSAEncryption]: { scheme: 'RSA', hash: 'SHA-256' },
  [SIGNATURE_OID.sha384WithRSAEncryption]: { scheme: 'RSA', hash: 'SHA-384' },
  [SIGNATURE_OID.sha512WithRSAEncryption]: { scheme: 'RSA', hash: 'SHA-512' },
  [SIGNATURE_OID.ecdsaWithSHA256]: { scheme: 'ECDSA', hash: 'SHA-256' },
  [SIGNATURE_OID.ecdsaWithSHA384]: { scheme: 'ECDSA', hash: 'SHA-384' },
  [SIGNATURE_OID.ecdsaWithSHA512]: { scheme: 'ECDSA', hash: 'SHA-512' },
  [SIGNATURE_OID.ed25519]: { scheme: 'Ed25519' },
};

const CURVES: Readonly<Record<string, { readonly name: string; readonly coordinateBytes: number }>> = {
  [CURVE_OID.p256]: { name: 'P-256', coordinateBytes: 32 },
  [CURVE_OID.p384]: { name: 'P-384', coordinateBytes: 48 },
  [CURVE_OID.p521]: { name: 'P-521', coordinateBytes: 66 },
};

const DER_NULL = new Uint8Array([0x05, 0x00]).buffer;

/** The AlgorithmIdentifier: NULL parameters for RSA (RFC 4055, section 5), none for ECDSA and Ed25519 (RFC 5758, 8410). */
export function signatureAlgorithm(name: SignatureAlgorithmName): AlgorithmIdentifier {
  const algorithm = SIGNATURE_OID[name];
  return SCHEMES[algorithm]?.scheme === 'RSA' ? new AlgorithmIdentifier({ algorithm, parameters: DER_NULL }) : new AlgorithmIdentifier({ algorithm });
}

async function verifyEcdsa(key: SubjectPublicKeyInfo, hash: string, message: BufferSource, signature: Uint8Array): Promise<boolean> {
  const curve = CURVES[namedCurve(key) ?? ''];
  const raw = curve && rawEcdsaSignature(signature, curve.coordinateBytes);
  if (!curve || !raw) return false;
  const imported = await crypto.subtle.importKey('spki', encodePublicKey(key), { name: 'ECDSA', namedCurve: curve.name }, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash }, imported, raw, message);
}

async function verifyWith(scheme: Scheme, key: SubjectPublicKeyInfo, message: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
  switch (scheme.scheme) {
    case 'ECDSA':
      return verifyEcdsa(key, scheme.hash, message, signature);
    case 'RSA': {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: scheme.hash };
      const imported = await crypto.subtle.importKey('spki', encodePublicKey(key), algorithm, false, ['verify']);
      return crypto.subtle.verify(algorithm, imported, signature, message);
    }
    case 'Ed25519': {
      const imported = await crypto.subtle.importKey('spki', encodePublicKey(key), { name: 'Ed25519' }, false, ['verify']);
      return crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, message);
    }
  }
}

/** Whether the algorithm is one that {@link verifySignature} knows. */
export function isKnownSignatureAlgorithm(oid: string): boolean {
  return SCHEMES[oid] !== undefined;
}

/**
 * Whether `signature` (DER ECDSA-Sig-Value, PKCS#1 v1.5 or Ed25519 bytes) over `message` was made with the private half
 * of `key`. A key that does not fit the algorithm, a broken key or a broken signature is "no", never a throw.
 */
export async function verifySignature(key: SubjectPublicKeyInfo, oid: string, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const scheme = SCHEMES[oid];
  if (scheme === undefined) return false;
  try {
    return await verifyWith(scheme, key, new Uint8Array(message), new Uint8Array(signature));
  } catch {
    // WebCrypto throws on keys that it cannot import and ASN.1 on signatures that it cannot read: both come from outside.
    return false;
  }
}
