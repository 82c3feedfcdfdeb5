/**
 * Certificates in an envelope that signs nothing: the degenerate SignedData of CMS (RFC 5652, sections 3 and 5.1), which EST
 * answers with (RFC 7030, section 4.1.3) and others call PKCS#7 or .p7b.
 */
import { DerProblem, DerReader, onlyElement, readObjectIdentifier, TAG } from './der-reading.ts';
import { derElement, derNumber, explicit, objectIdentifier } from './der-writing.ts';
import { sequence } from './der.ts';

/** RFC 5652, sections 4 and 5.1. */
const CONTENT_OID = { data: '1.2.840.113549.1.7.1', signedData: '1.2.840.113549.1.7.2' } as const;
/** Far more than a chain has, and a limit for what comes from outside. */
const MAX_CERTIFICATES = 50;
const SET_TAG = 0x31;
/** `certificates` of SignedData: [0] IMPLICIT. */
const CERTIFICATES_TAG = 0xa0;

/** The envelope around DER certificates, as DER. The first one stays first, which clients expect of the one they asked for. */
export function certificatesEnvelope(certificates: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const nothing = derElement(SET_TAG);
  const content = sequence(objectIdentifier(CONTENT_OID.data));
  const signedData = sequence(derNumber(1), nothing, content, derElement(CERTIFICATES_TAG, ...certificates), nothing);
  return sequence(objectIdentifier(CONTENT_OID.signedData), explicit(0, signedData));
}

/** The certificates in an envelope, as DER, in their order; undefined: it is none. What is signed in it, if anything, is not looked at. */
export function certificatesInEnvelope(der: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    const contentInfo = new DerReader(onlyElement(der, TAG.sequence).content);
    if (readObjectIdentifier(contentInfo.next(TAG.objectIdentifier).content) !== CONTENT_OID.signedData) return undefined;
    const signedData = new DerReader(onlyElement(contentInfo.next(CERTIFICATES_TAG).content, TAG.sequence).content);
    signedData.next(TAG.integer);
    signedData.next(SET_TAG);
    signedData.next(TAG.sequence);
    const certificates = signedData.optional(CERTIFICATES_TAG);
    if (certificates === undefined) return [];
    const reader = new DerReader(certificates.content);
    const found: Uint8Array[] = [];
    while (!reader.isAtEnd && found.length < MAX_CERTIFICATES) found.push(new Uint8Array(reader.next(TAG.sequence).whole));
    return reader.isAtEnd ? found : undefined;
  } catch (error) {
    if (error instanceof DerProblem) return undefined;
    throw error;
  }
}
