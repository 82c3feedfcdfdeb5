/** Certificate objects: NIST SP 800-73-4 part 1, table 10 and appendix A. */
import { gunzipSync } from 'node:zlib';
import { concatBytes } from '../../core/bytes.ts';
import { success, type Result } from '../../core/result.ts';
import { KEY_REFERENCE, OBJECT } from './identifiers.ts';
import { readObject, writeObject } from './objects.ts';
import type { CardSession } from './session.ts';
import { encodeTlv, findTlv } from './tlv.ts';

const TAG = { CERTIFICATE: 0x70, CERT_INFO: 0x71, ERROR_DETECTION: 0xfe } as const;
/** Bit of CertInfo: the certificate is compressed with gzip (RFC 1952). */
const CERT_INFO_GZIP = 0x01;
/** A certificate inflates to no more than this: keeps a small object from filling the memory. */
const MAX_INFLATED_LENGTH = 0x10000;

/** Object of the certificate that belongs to a slot. */
export function certificateObject(slot: number): number {
  switch (slot) {
    case KEY_REFERENCE.AUTHENTICATION:
      return OBJECT.AUTHENTICATION_CERTIFICATE;
    case KEY_REFERENCE.SIGNATURE:
      return OBJECT.SIGNATURE_CERTIFICATE;
    case KEY_REFERENCE.KEY_MANAGEMENT:
      return OBJECT.KEY_MANAGEMENT_CERTIFICATE;
    case KEY_REFERENCE.CARD_AUTHENTICATION:
      return OBJECT.CARD_AUTHENTICATION_CERTIFICATE;
    case KEY_REFERENCE.ATTESTATION:
      return OBJECT.ATTESTATION_CERTIFICATE;
    default:
      if (slot < KEY_REFERENCE.RETIRED_FIRST || slot > KEY_REFERENCE.RETIRED_LAST) throw new RangeError(`There is no slot ${slot.toString(16)}`);
      return OBJECT.RETIRED_FIRST_CERTIFICATE + slot - KEY_REFERENCE.RETIRED_FIRST;
  }
}

/** The certificate inside an object's content, inflated where it is compressed; undefined where there is none. */
export function decodeCertificateObject(content: Uint8Array): Uint8Array | undefined {
  const certificate = findTlv(content, TAG.CERTIFICATE);
  if (!certificate || certificate.length === 0) return undefined;
  const info = findTlv(content, TAG.CERT_INFO)?.[0] ?? 0;
  if (!(info & CERT_INFO_GZIP)) return new Uint8Array(certificate);
  try {
    return new Uint8Array(gunzipSync(certificate, { maxOutputLength: MAX_INFLATED_LENGTH }));
  } catch {
    return undefined;
  }
}

/** DER certificate of a slot; null where there is none, or one that cannot be read. */
export async function readCertificate(session: CardSession, slot: number): Promise<Result<Uint8Array | null>> {
  const content = await readObject(session, certificateObject(slot));
  if (!content.ok) return content;
  return success((content.value && decodeCertificateObject(content.value)) ?? null);
}

/** Writes a DER certificate, uncompressed, because not every reader of it inflates. Needs the management key. */
export function writeCertificate(session: CardSession, slot: number, certificate: Uint8Array): Promise<Result<void>> {
  const content = concatBytes(
    encodeTlv(TAG.CERTIFICATE, certificate),
    encodeTlv(TAG.CERT_INFO, Uint8Array.of(0)),
    encodeTlv(TAG.ERROR_DETECTION),
  );
  return writeObject(session, certificateObject(slot), content);
}
