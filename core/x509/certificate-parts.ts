/** Parts of a certificate as the bytes they were signed as: what others compare and hash (RFC 5280, section 4.1). */
import { contextTag, DerReader, onlyElement, TAG } from './der-reading.ts';

/** Right before `issuer` (its own content is not looked at). */
function fromIssuer(certificate: Uint8Array): DerReader {
  const tbs = new DerReader(onlyElement(certificate, TAG.sequence).content).enter(TAG.sequence);
  tbs.optional(contextTag(0));
  tbs.next(TAG.integer);
  tbs.next(TAG.sequence);
  return tbs;
}

/** DER Name of the subject. Throws DerProblem on what is no certificate. */
export function subjectDer(certificate: Uint8Array): Uint8Array {
  const tbs = fromIssuer(certificate);
  tbs.next(TAG.sequence);
  tbs.next(TAG.sequence);
  return tbs.next(TAG.sequence).whole;
}

/** The bits of subjectPublicKey, without the count of unused ones: what key identifiers are hashes of. Throws DerProblem. */
export function publicKeyBits(certificate: Uint8Array): Uint8Array {
  const tbs = fromIssuer(certificate);
  for (let skipped = 0; skipped < 3; skipped += 1) tbs.next(TAG.sequence);
  const key = tbs.enter(TAG.sequence);
  key.next(TAG.sequence);
  return key.next(TAG.bitString).content.subarray(1);
}
