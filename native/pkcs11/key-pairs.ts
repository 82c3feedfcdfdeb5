/** Key pairs on a token, found and made (PKCS#11 2.40, section 5.13; mechanisms 2.1 and 2.3; Edwards curves 3.0, 2.3.5). */
import { X509Certificate } from 'node:crypto';
import pkcs11js, { type Handle, type Template } from 'pkcs11js';
import { concatBytes } from '../../core/bytes.ts';
import { bitString, sequence } from '../../core/x509/der.ts';
import { bytesOf, find } from './objects.ts';
import type { FoundKey, GeneratedKeyType, KeyAttributes, Operation } from './operation.ts';
import type { TokenSession } from './session.ts';

/** PKCS#11 3.0; pkcs11js has the numbers of 2.40. */
const CKK_EC_EDWARDS = 0x40;
const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;

const RSA_EXPONENT = Uint8Array.of(0x01, 0x00, 0x01);
const RSA_BITS = 4096;

/** DER AlgorithmIdentifiers: rsaEncryption (RFC 3279, section 2.3.1), id-Ed25519 (RFC 8410, section 3); id-ecPublicKey's OID. */
const RSA_ALGORITHM = Uint8Array.of(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00);
const ED25519_ALGORITHM = Uint8Array.of(0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70);
const EC_PUBLIC_KEY = Uint8Array.of(0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);

/** CKA_EC_PARAMS: the curve's OID, as DER; for Ed25519 its name as a PrintableString (3.0, section 2.3.10). */
const CURVES: Readonly<Record<'ECCP256' | 'ECCP384' | 'ED25519', Uint8Array>> = {
  ECCP256: Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
  ECCP384: Uint8Array.of(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22),
  ED25519: concatBytes(Uint8Array.of(0x13, 12), new TextEncoder().encode('edwards25519')),
};

/** The private keys with these attributes, and their other halves: from the public key beside it, or a certificate. */
export async function findKeyPairs(token: TokenSession, wanted: KeyAttributes): Promise<readonly FoundKey[]> {
  await token.tell('C_FindObjects');
  return find(token, { class: pkcs11js.CKO_PRIVATE_KEY, ...wanted }).map((key) => {
    const id = attribute(token, key, pkcs11js.CKA_ID);
    const label = new TextDecoder().decode(attribute(token, key, pkcs11js.CKA_LABEL));
    return { id, label, publicKey: id.length === 0 ? null : publicKeyOf(token, id) };
  });
}

/** An attribute; empty where the object has none. */
function attribute({ cryptoki, session }: TokenSession, object: Handle, type: number): Uint8Array {
  try {
    return new Uint8Array(bytesOf(cryptoki.C_GetAttributeValue(session, object, [{ type }])[0]?.value));
  } catch {
    return new Uint8Array(); // CKR_ATTRIBUTE_TYPE_INVALID, or one that the module keeps to itself
  }
}

function publicKeyOf(token: TokenSession, id: Uint8Array): Uint8Array | null {
  const [certificate] = find(token, { class: pkcs11js.CKO_CERTIFICATE, id });
  const [publicKey] = find(token, { class: pkcs11js.CKO_PUBLIC_KEY, id });
  return (publicKey && encodePublicKey(token, publicKey)) ?? (certificate ? publicKeyIn(attribute(token, certificate, pkcs11js.CKA_VALUE)) : null);
}

function publicKeyIn(certificate: Uint8Array): Uint8Array | null {
  try {
    return new Uint8Array(new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' }));
  } catch {
    return null; // a person's own bytes may be on the token
  }
}

/** A public key object as SubjectPublicKeyInfo; null: of a kind that signs nothing here. */
function encodePublicKey(token: TokenSession, key: Handle): Uint8Array | null {
  const keyType = attribute(token, key, pkcs11js.CKA_KEY_TYPE)[0];
  if (keyType === pkcs11js.CKK_RSA) {
    const rsa = sequence(unsigned(attribute(token, key, pkcs11js.CKA_MODULUS)), unsigned(attribute(token, key, pkcs11js.CKA_PUBLIC_EXPONENT)));
    return sequence(RSA_ALGORITHM, bitString(rsa));
  }
  const point = withoutOctetString(attribute(token, key, pkcs11js.CKA_EC_POINT));
  if (keyType === CKK_EC_EDWARDS) return point.length === 32 ? sequence(ED25519_ALGORITHM, bitString(point)) : null;
  return keyType === pkcs11js.CKK_EC ? sequence(sequence(EC_PUBLIC_KEY, attribute(token, key, pkcs11js.CKA_EC_PARAMS)), bitString(point)) : null;
}

/** DER INTEGER of at most 64 KB. */
function unsigned(digits: Uint8Array): Uint8Array {
  const body = (digits[0] ?? 0) >= 0x80 ? concatBytes(new Uint8Array(1), digits) : digits;
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return concatBytes(Uint8Array.of(0x02, ...length), body);
}

/** CKA_EC_POINT is a DER OCTET STRING around the point (2.3.3); some modules leave that out. The points here are below 128 bytes. */
function withoutOctetString(value: Uint8Array): Uint8Array {
  return value[0] === 0x04 && value[1] === value.length - 2 ? value.subarray(2) : value;
}

/** Makes a key pair that never leaves the token. */
export async function generateKeyPair({ cryptoki, session, tell }: TokenSession, { keyType, id, label }: Operation & { kind: 'generate-key' }): Promise<null> {
  const common: Template = [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_ID, value: Buffer.from(id) },
    { type: pkcs11js.CKA_LABEL, value: label },
  ];
  const { mechanism, parameters } = generation(keyType);
  const publicTemplate: Template = [...common, { type: pkcs11js.CKA_VERIFY, value: true }, ...parameters];
  const privateTemplate: Template = [
    ...common,
    { type: pkcs11js.CKA_PRIVATE, value: true },
    { type: pkcs11js.CKA_SENSITIVE, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: false },
    { type: pkcs11js.CKA_SIGN, value: true },
  ];
  await tell('C_GenerateKeyPair');
  cryptoki.C_GenerateKeyPair(session, { mechanism }, publicTemplate, privateTemplate);
  return null;
}

function generation(keyType: GeneratedKeyType): { readonly mechanism: number; readonly parameters: Template } {
  if (keyType === 'RSA4096') {
    const parameters: Template = [{ type: pkcs11js.CKA_MODULUS_BITS, value: RSA_BITS }, { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from(RSA_EXPONENT) }];
    return { mechanism: pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN, parameters };
  }
  const parameters: Template = [{ type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(CURVES[keyType]) }];
  return { mechanism: keyType === 'ED25519' ? CKM_EC_EDWARDS_KEY_PAIR_GEN : pkcs11js.CKM_EC_KEY_PAIR_GEN, parameters };
}
