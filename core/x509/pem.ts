/** PEM (RFC 7468): text around base64 of DER. */
import { fromBase64, toBase64 } from '../bytes.ts';

/** The DER of every block with this label ("CERTIFICATE"), in their order; text around them is skipped. Throws on broken base64. */
export function readPem(text: string, label: string): readonly Uint8Array[] {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----\\s([^-]*)-----END ${label}-----`, 'g'));
  return [...blocks].map((block) => fromBase64(block[1] as string));
}

/** One block, lines of 64 characters, a line break at its end. */
export function writePem(der: Uint8Array, label: string): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
