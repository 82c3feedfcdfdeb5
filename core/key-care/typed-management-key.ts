import { fromHex } from '../bytes.ts';
import { type Result, failed, success } from '../result.ts';
import type { ManagementKeyAlgorithm } from '../security-key.ts';

/** Lengths in bytes (NIST SP 800-78-4, table 6; Yubico lets a key have any AES length). */
const LENGTH: Readonly<Record<ManagementKeyAlgorithm, number>> = { '3DES': 24, 'AES-128': 16, 'AES-192': 24, 'AES-256': 32 };

/** A management key as a person typed it, in hexadecimal digits. Fails with management-key-malformed. */
export function readManagementKey(text: string, algorithm: ManagementKeyAlgorithm): Result<Uint8Array> {
  const digits = LENGTH[algorithm] * 2;
  return text.length === digits && /^[0-9a-f]*$/i.test(text) ? success(fromHex(text)) : failed({ kind: 'management-key-malformed', digits });
}
