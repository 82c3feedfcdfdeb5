/** The two forms of an ECDSA signature: DER in X.509 (RFC 3279, section 2.2.3), r followed by s in WebCrypto and JWS (RFC 7518, section 3.4). */
import { ECDSASigValue } from '@peculiar/asn1-ecc';
import { AsnConvert } from '@peculiar/asn1-schema';
import { concatBytes } from '../bytes.ts';

/** Without leading zeros. */
function significant(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start === -1 ? new Uint8Array() : bytes.subarray(start);
}

/** INTEGER of ECDSA-Sig-Value as a coordinate of fixed length; undefined where it is longer. */
function fixedLength(integer: ArrayBuffer, length: number): Uint8Array | undefined {
  const bytes = significant(new Uint8Array(integer));
  return bytes.length > length ? undefined : concatBytes(new Uint8Array(length - bytes.length), bytes);
}

/** r and s, `coordinateBytes` each; undefined where one is longer. Throws on what is not an ECDSA-Sig-Value. */
export function rawEcdsaSignature(der: Uint8Array, coordinateBytes: number): Uint8Array<ArrayBuffer> | undefined {
  const { r, s } = AsnConvert.parse(der, ECDSASigValue);
  const [left, right] = [fixedLength(r, coordinateBytes), fixedLength(s, coordinateBytes)];
  return left && right ? concatBytes(left, right) : undefined;
}

/** A number as the contents of a DER INTEGER: not negative, as short as can be. */
function unsignedInteger(coordinate: Uint8Array): ArrayBuffer {
  const bytes = significant(coordinate);
  const needsSignByte = bytes.length === 0 || (bytes[0] as number) >= 0x80;
  return (needsSignByte ? concatBytes(Uint8Array.of(0), bytes) : concatBytes(bytes)).buffer;
}

/** The inverse of {@link rawEcdsaSignature}. */
export function derEcdsaSignature(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  const value = new ECDSASigValue();
  value.r = unsignedInteger(raw.subarray(0, half));
  value.s = unsignedInteger(raw.subarray(half));
  return new Uint8Array(AsnConvert.serialize(value));
}
