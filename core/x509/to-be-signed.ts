/** Reading what is about to be signed: a TBSCertificate or a TBSCertList without its signature. */
import { parseCertificate, type ParsedCertificate } from './certificate.ts';
import { parseCrl, type ParsedCrl } from './crl.ts';
import { bitString, sequence } from './der.ts';

/** AlgorithmIdentifier of Ed25519: any will do, for nobody looks at it. */
const PLACEHOLDER = Uint8Array.of(0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70);

function signedWithNothing(tbs: Uint8Array): Uint8Array {
  return sequence(tbs, PLACEHOLDER, bitString(Uint8Array.of(0)));
}

/** A DER TBSCertificate as the certificate it would be; its signature is none. undefined: it is something else. */
export function certificateToBeSigned(tbs: Uint8Array): ParsedCertificate | undefined {
  return parseCertificate(signedWithNothing(tbs));
}

/** A DER TBSCertList as the CRL it would be; its signature is none. undefined: it is something else. */
export function crlToBeRead(tbs: Uint8Array): ParsedCrl | undefined {
  // Both begin alike; a TBSCertificate has its version in a context tag.
  return certificateToBeSigned(tbs) === undefined ? parseCrl(signedWithNothing(tbs)) : undefined;
}
