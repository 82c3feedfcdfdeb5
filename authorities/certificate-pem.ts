import { toBase64 } from '../core/bytes.ts';

/** PEM of a DER certificate (RFC 7468), as Node's TLS wants it. */
export function certificatePem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
