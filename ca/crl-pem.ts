/** CRLs as text, with Node's own base64: a CRL can have megabytes. */

/** One PEM block (RFC 7468, section 8). */
export function crlPem(der: Uint8Array): string {
  const text = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  const lines: string[] = [];
  for (let offset = 0; offset < text.length; offset += 64) lines.push(text.slice(offset, offset + 64));
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

/** The DER of every CRL in a file: PEM with any number of them, or one as DER. */
export function readCrlFile(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes[0] === 0x30) return [bytes];
  const blocks = Buffer.from(bytes).toString('latin1').matchAll(/-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----/g);
  return [...blocks].map((block) => new Uint8Array(Buffer.from(block[1] as string, 'base64')));
}
