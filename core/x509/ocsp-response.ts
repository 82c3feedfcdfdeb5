/** Puts OCSP answers together (RFC 6960, section 4.2). Signing happens elsewhere. */
import { AsnConvert } from '@peculiar/asn1-schema';
import { concatBytes } from '../bytes.ts';
import type { RevocationReason } from '../requests/issued-certificate.ts';
import { CRL_REASON } from './crl-building.ts';
import { bitString } from './der.ts';
import { TAG } from './der-reading.ts';
import { derElement, derExtension, explicit, generalizedTime, objectIdentifier } from './der-writing.ts';
import { OCSP_OID } from './object-identifiers.ts';
import { signatureAlgorithm, type SignatureAlgorithmName } from './signature-algorithm.ts';

/** OCSPResponseStatus (section 4.2.1): answers that nobody signs. */
export const OCSP_STATUS = { successful: 0, malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

/** `reason` null: on hold. */
export type OcspCertificateStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly at: Date; readonly reason: RevocationReason | null }
  | { readonly status: 'unknown' };

export interface SingleAnswer {
  /** DER CertID, as it was asked. */
  readonly certificateId: Uint8Array;
  readonly status: OcspCertificateStatus;
  readonly thisUpdate: Date;
  /** null: there is always something newer. */
  readonly nextUpdate: Date | null;
}

export interface OcspAnswer {
  /** DER Name of the responder, or SHA-1 of the bits of its key. */
  readonly responder: { readonly name: Uint8Array } | { readonly keyHash: Uint8Array };
  readonly producedAt: Date;
  readonly answers: readonly SingleAnswer[];
  /** Repeated as it came; null: none. */
  readonly nonce: Uint8Array | null;
}

function statusDer(status: OcspCertificateStatus): Uint8Array {
  switch (status.status) {
    case 'good':
      return derElement(0x80);
    case 'unknown':
      return derElement(0x82);
    case 'revoked': {
      const code = CRL_REASON[status.reason ?? 'certificateHold'];
      // As in a CRL, "unspecified" is better not said.
      const reason = code === CRL_REASON.unspecified ? [] : [explicit(0, derElement(TAG.enumerated, new Uint8Array([code])))];
      return explicit(1, generalizedTime(status.at), ...reason);
    }
  }
}

function singleDer({ certificateId, status, thisUpdate, nextUpdate }: SingleAnswer): Uint8Array {
  const next = nextUpdate === null ? [] : [explicit(0, generalizedTime(nextUpdate))];
  return derElement(TAG.sequence, certificateId, statusDer(status), generalizedTime(thisUpdate), ...next);
}

/** ResponseData: what is signed. */
export function ocspToBeSigned({ responder, producedAt, answers, nonce }: OcspAnswer): Uint8Array<ArrayBuffer> {
  const id = 'name' in responder ? explicit(1, responder.name) : explicit(2, derElement(TAG.octetString, responder.keyHash));
  const extensions = nonce === null ? [] : [explicit(1, derElement(TAG.sequence, derExtension(OCSP_OID.nonce, false, derElement(TAG.octetString, nonce))))];
  return derElement(TAG.sequence, id, generalizedTime(producedAt), derElement(TAG.sequence, ...answers.map(singleDer)), ...extensions);
}

/** The answer as DER OCSPResponse. `certificates`: DER; the responder's. */
export function ocspResponse(tbs: Uint8Array, algorithm: SignatureAlgorithmName, signature: Uint8Array, certificates: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const algorithmDer = new Uint8Array(AsnConvert.serialize(signatureAlgorithm(algorithm)));
  const list = explicit(0, derElement(TAG.sequence, ...certificates));
  const basic = derElement(TAG.sequence, tbs, algorithmDer, bitString(signature), list);
  const bytes = derElement(TAG.sequence, objectIdentifier(OCSP_OID.basic), derElement(TAG.octetString, basic));
  return derElement(TAG.sequence, derElement(TAG.enumerated, new Uint8Array([OCSP_STATUS.successful])), explicit(0, bytes));
}

/** An answer that says only why there is none. */
export function ocspRefusal(status: Exclude<keyof typeof OCSP_STATUS, 'successful'>): Uint8Array<ArrayBuffer> {
  return derElement(TAG.sequence, concatBytes(derElement(TAG.enumerated, new Uint8Array([OCSP_STATUS[status]]))));
}

/** Why there is no answer in these bytes of {@link ocspRefusal}; 'successful': there is one. */
export function ocspResponseStatus(der: Uint8Array): keyof typeof OCSP_STATUS {
  const names = Object.keys(OCSP_STATUS) as (keyof typeof OCSP_STATUS)[];
  const isRefusal = der.length === ocspRefusal('tryLater').length;
  return names.find((name) => isRefusal && OCSP_STATUS[name] === der[der.length - 1]) ?? 'successful';
}
