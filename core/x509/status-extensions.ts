/** Where a certificate says that its state can be asked for (RFC 5280, sections 4.2.1.13 and 4.2.2.1). */
import { OctetString } from '@peculiar/asn1-schema';
import { Extension } from '@peculiar/asn1-x509';
import { TAG } from './der-reading.ts';
import { derElement, explicit, objectIdentifier } from './der-writing.ts';
import { ACCESS_METHOD_OID, EXTENSION_OID } from './object-identifiers.ts';

/** Absolute http URIs in ASCII; null: the certificate names none. */
export interface StatusAddresses {
  readonly crl: string | null;
  readonly ocsp: string | null;
  /** The issuer's certificate, as DER. */
  readonly issuer: string | null;
}

/** uniformResourceIdentifier of GeneralName: `[6] IMPLICIT IA5String`. */
const URI_TAG = 0x86;

function uri(address: string): Uint8Array {
  return derElement(URI_TAG, new TextEncoder().encode(address));
}

/** One DistributionPoint with a fullName of one URI; no reasons, no cRLIssuer. */
function distributionPoints(address: string): Uint8Array {
  return derElement(TAG.sequence, derElement(TAG.sequence, explicit(0, explicit(0, uri(address)))));
}

function accessDescriptions({ ocsp, issuer }: StatusAddresses): readonly Uint8Array[] {
  return [
    ...(ocsp === null ? [] : [derElement(TAG.sequence, objectIdentifier(ACCESS_METHOD_OID.ocsp), uri(ocsp))]),
    ...(issuer === null ? [] : [derElement(TAG.sequence, objectIdentifier(ACCESS_METHOD_OID.caIssuers), uri(issuer))]),
  ];
}

function extension(extnID: string, value: Uint8Array): Extension {
  return new Extension({ extnID, critical: false, extnValue: new OctetString(new Uint8Array(value)) });
}

/** cRLDistributionPoints and authorityInfoAccess, each only where there is something to say. */
export function statusExtensions(addresses: StatusAddresses): readonly Extension[] {
  const access = accessDescriptions(addresses);
  return [
    ...(addresses.crl === null ? [] : [extension(EXTENSION_OID.cRLDistributionPoints, distributionPoints(addresses.crl))]),
    ...(access.length === 0 ? [] : [extension(EXTENSION_OID.authorityInfoAccess, derElement(TAG.sequence, ...access))]),
  ];
}
