/** What the certificates of a kind have in common, as data. Policies will vary it; what is signed always follows one. */
import { KEY_PURPOSE_OID } from './object-identifiers.ts';

export type ProfileName = 'person' | 'server' | 'authority-server' | 'ocsp-responder' | 'authority';

export interface CertificateProfile {
  readonly name: ProfileName;
  /** Shorter where the CA's own certificate ends before. */
  readonly validDays: number;
  /** For clocks that are slow: a certificate is valid a little before it was made. */
  readonly backdatedMinutes: number;
  /** keyUsage bits by their names in RFC 5280, section 4.2.1.3. Always critical. */
  readonly keyUsage: readonly KeyUsageBit[];
  /** Object identifiers; empty: no extKeyUsage. */
  readonly purposes: readonly string[];
  readonly isAuthority: boolean;
  /** Only with `isAuthority`. */
  readonly pathLength: number | null;
  /** It lives so short that nobody has to ask whether it is revoked (id-pkix-ocsp-nocheck, RFC 6960, section 4.2.2.2.1). */
  readonly isNeverChecked?: boolean;
}

export type KeyUsageBit = 'digitalSignature' | 'keyCertSign' | 'cRLSign';

/** The certificate in slot 9a of a person's key: it proves who connects, and nothing else. */
export const PERSON_PROFILE: CertificateProfile = {
  name: 'person',
  validDays: 365,
  backdatedMinutes: 5,
  keyUsage: ['digitalSignature'],
  purposes: [KEY_PURPOSE_OID.clientAuth],
  isAuthority: false,
  pathLength: null,
};

/** Of a web server or another that people connect to. */
export const SERVER_PROFILE: CertificateProfile = { ...PERSON_PROFILE, name: 'server', validDays: 90, purposes: [KEY_PURPOSE_OID.serverAuth] };

/** The CA's own HTTPS certificate; renewed by the server long before it ends. */
export const AUTHORITY_SERVER_PROFILE: CertificateProfile = {
  name: 'authority-server',
  validDays: 30,
  backdatedMinutes: 5,
  keyUsage: ['digitalSignature'],
  purposes: [KEY_PURPOSE_OID.serverAuth],
  isAuthority: false,
  pathLength: null,
};

/** Signs OCSP answers for a CA; renewed by the server long before it ends. */
export const OCSP_RESPONDER_PROFILE: CertificateProfile = {
  name: 'ocsp-responder',
  validDays: 7,
  backdatedMinutes: 5,
  keyUsage: ['digitalSignature'],
  purposes: [KEY_PURPOSE_OID.ocspSigning],
  isAuthority: false,
  pathLength: null,
  isNeverChecked: true,
};

/** A CA's self-signed certificate. It issues to people and servers, not to further CAs. */
export const AUTHORITY_PROFILE: CertificateProfile = {
  name: 'authority',
  validDays: 3650,
  backdatedMinutes: 5,
  keyUsage: ['keyCertSign', 'cRLSign'],
  purposes: [],
  isAuthority: true,
  pathLength: 0,
};

/** A root that is kept offline: it issues to CAs that issue to people and servers. */
export const ROOT_PROFILE: CertificateProfile = { ...AUTHORITY_PROFILE, validDays: 7300, pathLength: 1 };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Certificates count whole seconds. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The validity of a certificate made at `now`, never outside that of the CA's own certificate. */
export function validityOf(profile: CertificateProfile, now: Date, authority?: Validity): Validity {
  const notBefore = now.getTime() - profile.backdatedMinutes * MINUTE_MS;
  const notAfter = now.getTime() + profile.validDays * DAY_MS;
  return {
    notBefore: wholeSeconds(Math.max(notBefore, authority?.notBefore.getTime() ?? notBefore)),
    notAfter: wholeSeconds(Math.min(notAfter, authority?.notAfter.getTime() ?? notAfter)),
  };
}
