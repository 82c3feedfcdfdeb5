/** SHA-256 of a DER CSR, lower-case hex: a decision names the CSR that was on the screen, by what it is itself. */
export async function csrHash(csr: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(csr)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
