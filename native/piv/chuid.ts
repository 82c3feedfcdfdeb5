/** Card Holder Unique Identifier: NIST SP 800-73-4 part 1, section 3.1.2 and table 9. */
import { concatBytes, fromHex } from '../../core/bytes.ts';
import type { Result } from '../../core/result.ts';
import { OBJECT } from './identifiers.ts';
import { writeObject } from './objects.ts';
import type { CardSession } from './session.ts';
import { encodeTlv } from './tlv.ts';

const TAG = { FASC_N: 0x30, GUID: 0x34, EXPIRATION: 0x35, SIGNATURE: 0x3e, ERROR_DETECTION: 0xfe } as const;

/**
 * FASC-N of an issuer that is no agency: 9999-9999-999999-0-1-0000000000300001, in BCD with parity (5 bits a digit),
 * its separators and its check digit (PACS guidance 2.3; 73-4 part 1, 3.1.2: agency code 9999).
 */
const FASC_N = fromHex('d4e739da739ced39ce739d836858210842108421c84210c3eb');

/** A CHUID with a GUID of its own (RFC 4122, version 4). It is not signed, as on every key outside an agency. */
export function newChuid(expires: Date): Uint8Array {
  const guid = fromHex(crypto.randomUUID().replaceAll('-', ''));
  const date = new TextEncoder().encode(expires.toISOString().slice(0, 10).replaceAll('-', ''));
  return concatBytes(
    encodeTlv(TAG.FASC_N, FASC_N),
    encodeTlv(TAG.GUID, guid),
    encodeTlv(TAG.EXPIRATION, date),
    encodeTlv(TAG.SIGNATURE),
    encodeTlv(TAG.ERROR_DETECTION),
  );
}

/** End of a CHUID that no certificate tells one for. */
const DISTANT = new Date('2099-12-31T00:00:00Z');

/** Writes a new CHUID: Windows keeps certificates by it and would go on showing the old one. Needs the management key. */
export function renewChuid(session: CardSession, expires: Date = DISTANT): Promise<Result<void>> {
  return writeObject(session, OBJECT.CHUID, newChuid(expires));
}
