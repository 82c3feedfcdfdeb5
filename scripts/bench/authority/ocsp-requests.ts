import { createHash } from 'node:crypto';
import { publicKeyBits, subjectDer } from '../../../core/x509/certificate-parts.ts';
import { DerReader, onlyElement, TAG } from '../../../core/x509/der-reading.ts';
import { derElement, derInteger, objectIdentifier } from '../../../core/x509/der-writing.ts';
import { HASH_OID } from '../../../core/x509/object-identifiers.ts';
import type { LoadRequest } from './load.ts';

const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest();

/** CertStatus `good`: [0] IMPLICIT NULL. */
const GOOD = Buffer.from([0x80, 0x00]);

/** Whether an OCSPResponse is `successful`: refusals come with HTTP status 200 too (RFC 6960, section 4.2.1). */
function isSuccessful(der: Uint8Array): boolean {
  const response = new DerReader(onlyElement(der, TAG.sequence).content);
  return response.next(TAG.enumerated).content[0] === 0 && !response.isAtEnd;
}

/** Asks by POST about one certificate of this issuer (DER), and wants to hear `good`; without a nonce: RFC 6960, section 4.1.1, appendix A.1. */
export function ocspQuestion(issuer: Uint8Array, serialNumber: string, path: string): LoadRequest {
  const hash = derElement(TAG.sequence, objectIdentifier(HASH_OID.sha1), derElement(TAG.null, new Uint8Array()));
  const names = [derElement(TAG.octetString, sha1(subjectDer(issuer))), derElement(TAG.octetString, sha1(publicKeyBits(issuer)))];
  const id = derElement(TAG.sequence, hash, ...names, derInteger(Buffer.from(serialNumber, 'hex')));
  const body = derElement(TAG.sequence, derElement(TAG.sequence, derElement(TAG.sequence, derElement(TAG.sequence, id))));
  // A SingleResponse begins with what was asked about.
  const good = Buffer.concat([id, GOOD]);
  return { method: 'POST', path, headers: { 'content-type': 'application/ocsp-request' }, body, isAnswered: (der) => isSuccessful(der) && der.includes(good) };
}
