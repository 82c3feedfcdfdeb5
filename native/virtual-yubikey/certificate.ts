import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concatBytes } from '../../core/bytes.ts';
import { encodeTlv } from '../piv/tlv.ts';

/** The few DER forms (X.690) that attestation certificates and ECDSA signatures are made of. */
export const derSequence = (...values: readonly Uint8Array[]): Uint8Array => encodeTlv(0x30, ...values);
export const derSet = (...values: readonly Uint8Array[]): Uint8Array => encodeTlv(0x31, ...values);
export const derBoolean = (value: boolean): Uint8Array => encodeTlv(0x01, Uint8Array.of(value ? 0xff : 0));
export const derOctetString = (value: Uint8Array): Uint8Array => encodeTlv(0x04, value);
export const derBitString = (value: Uint8Array): Uint8Array => encodeTlv(0x03, Uint8Array.of(0), value);

/** A non-negative INTEGER from big-endian bytes of any length. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const bytes = first === -1 ? Uint8Array.of(0) : magnitude.subarray(first);
  return encodeTlv(0x02, (bytes[0] ?? 0) & 0x80 ? concatBytes(Uint8Array.of(0), bytes) : bytes);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function derObjectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encodeTlv(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** A distinguished name of one common name. */
export function commonName(text: string): Uint8Array {
  return derSequence(derSet(derSequence(derObjectIdentifier('2.5.4.3'), encodeTlv(0x0c, new TextEncoder().encode(text)))));
}

/** The validity that real attestation certificates carry: 2016-03-14 to 2052-04-17. */
export const distantValidity: Uint8Array = derSequence(
  encodeTlv(0x17, new TextEncoder().encode('160314000000Z')),
  encodeTlv(0x18, new TextEncoder().encode('20520417000000Z')),
);

/** One extension: `value` goes into the OCTET STRING as it is, DER or bare bytes. */
export function extension(identifier: string, value: Uint8Array, isCritical = false): Uint8Array {
  const critical = isCritical ? [derBoolean(true)] : [];
  return derSequence(derObjectIdentifier(identifier), ...critical, derOctetString(value));
}

/** What a certificate says; all names and the validity as DER. */
export interface CertificateContent {
  readonly serialNumber: Uint8Array;
  readonly issuer: Uint8Array;
  readonly validity: Uint8Array;
  readonly subject: Uint8Array;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  readonly issuerKey: KeyObject;
}

/** Signs an X.509 v3 certificate (RFC 5280, 4.1) with SHA-256, or with SHA-384 for a P-384 issuer; answers DER. */
export function signCertificate(content: CertificateContent): Uint8Array {
  const { algorithm, hash } = signatureAlgorithm(content.issuerKey);
  const body = derSequence(
    encodeTlv(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(content.serialNumber),
    algorithm,
    content.issuer,
    content.validity,
    content.subject,
    content.publicKey,
    encodeTlv(0xa3, derSequence(...content.extensions)),
  );
  return derSequence(body, algorithm, derBitString(sign(hash, body, content.issuerKey)));
}

function signatureAlgorithm(key: KeyObject): { readonly algorithm: Uint8Array; readonly hash: string } {
  if (key.asymmetricKeyType !== 'ec') {
    return { algorithm: derSequence(derObjectIdentifier('1.2.840.113549.1.1.11'), Uint8Array.of(5, 0)), hash: 'sha256' };
  }
  const isP384 = key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  return { algorithm: derSequence(derObjectIdentifier(isP384 ? '1.2.840.10045.4.3.3' : '1.2.840.10045.4.3.2')), hash: isP384 ? 'sha384' : 'sha256' };
}

/** The content of a certificate's data object (73-4 part 1, table 10): certificate, "not compressed", error code. */
export function certificateObject(certificate: Uint8Array): Uint8Array {
  return concatBytes(encodeTlv(0x70, certificate), encodeTlv(0x71, Uint8Array.of(0)), encodeTlv(0xfe));
}
