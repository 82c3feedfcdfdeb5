import { base64, base64urlnopad, hex } from '@scure/base';

/** Several byte strings, one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same. Not for secrets: it stops at the first difference. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Lower-case hexadecimal digits, without separators. */
export function toHex(bytes: Uint8Array): string {
  return hex.encode(bytes);
}

/** The inverse of {@link toHex}; upper case is accepted. Throws on anything else. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hex.decode(text.toLowerCase()));
}

/** Base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** The inverse of {@link toBase64}; white space is ignored. Throws on anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64.decode(text.replace(/\s+/g, '')));
}

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** The inverse of {@link toBase64Url}. Throws on anything else. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64urlnopad.decode(text));
}

/** SHA-256 (FIPS 180-4). */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
}
