/** What a CA allows, as data. ca/policy reads it from the operator's file; without one it is {@link DEFAULT_POLICY}. */
import type { EnrollableKeyType, PinPolicy, TouchPolicy } from '../../core/security-key.ts';

/** So many at once (`burst`), and then one more every `1 / perSecond`. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export type ProfileKind = 'person' | 'device' | 'server';

/** Rules for the names of a certificate. Patterns are matched against the whole value; null: anything that is well formed. */
export interface NameRules {
  readonly commonName: RegExp | null;
  readonly email: RegExp | null;
  /** Kinds of alternative names that may be asked for (besides the e-mail address), each with its pattern. */
  readonly otherNames: Readonly<Partial<Record<'email' | 'upn' | 'uri' | 'dns' | 'ip', RegExp | null>>>;
  readonly maxOtherNames: number;
}

/** What the attestation has to say of a key. */
export interface AttestationRules {
  /** 'required': without a verified one the request is refused. 'for-automatic': an approver may let it be. */
  readonly attestation: 'required' | 'for-automatic' | 'not-asked';
  /** Below it no ECDSA key is taken (YSA-2024-03: 5.7.0); null: any. */
  readonly leastFirmwareForEcc: string | null;
  readonly pinPolicies: readonly PinPolicy[];
  readonly touchPolicies: readonly TouchPolicy[];
  readonly isFipsRequired: boolean;
  /** Serials of YubiKeys that may be enrolled; null: every one. */
  readonly serials: readonly number[] | null;
}

export interface ProfilePolicy extends AttestationRules {
  readonly name: string;
  readonly kind: ProfileKind;
  readonly keyTypes: readonly EnrollableKeyType[];
  readonly validDays: number;
  /** A CSR or an invitation cannot get more. */
  readonly maxValidDays: number;
  readonly names: NameRules;
  /** Invitations to it may say that nobody has to look where the attestation is verified and its claims match. */
  readonly mayBeAutomatic: boolean;
  /** The holder of a good certificate who proves it gets the next one without an approver's look, where the key is attested. */
  readonly isRenewedAutomatically: boolean;
  /** How many people have to say yes. */
  readonly approvers: number;
  /** Anybody may ask without an invitation. */
  readonly isOpen: boolean;
}

export interface RevocationPolicy {
  /** "http://ca.example.org:8080": where CRL and OCSP are reached, as issued certificates say; null: they name none. */
  readonly address: string | null;
  readonly crlHours: number;
  /** Renewed when less than this is left of them. */
  readonly crlRenewHours: number;
  /** Certificates are spread over so many CRLs; 1: one CRL for all. */
  readonly crlPartitions: number;
  readonly ocspMinutes: number;
}

export interface Policy {
  /** By name. */
  readonly profiles: ReadonlyMap<string, ProfilePolicy>;
  /** Of requests that name none. */
  readonly defaultProfile: string;
  /** People without an invitation may ask too; so many of their requests wait at a time. */
  readonly maxPendingWithoutInvitation: number;
  /** A request that nobody decides ends. */
  readonly requestDays: number;
  /** How long an applicant waits before asking again. */
  readonly retryAfterSeconds: number;
  readonly challengeSeconds: number;
  readonly sessionHours: number;
  readonly invitations: { readonly maxDays: number; readonly maxUses: number };
  /** An approver's invitation that nobody uses ends. */
  readonly firstApproverInvitationDays: number;
  readonly revocation: RevocationPolicy;
  /** Each for one network address; `perInvitation` for one code. */
  readonly limits: {
    readonly requests: RateLimit;
    readonly submissions: RateLimit;
    /** Wrong codes, challenges and tokens. Guessing 128 bits is hopeless; this keeps the log readable. */
    readonly wrongGuesses: RateLimit;
    readonly perInvitation: RateLimit;
  };
}

const ANY_NAMES: NameRules = { commonName: null, email: null, otherNames: { email: null, upn: null, uri: null, dns: null }, maxOtherNames: 8 };

const PERSON: ProfilePolicy = {
  name: 'person',
  kind: 'person',
  keyTypes: ['ECCP256', 'ECCP384', 'RSA2048', 'RSA3072', 'RSA4096', 'ED25519'],
  validDays: 365,
  maxValidDays: 825,
  names: ANY_NAMES,
  attestation: 'for-automatic',
  leastFirmwareForEcc: null,
  pinPolicies: ['never', 'once', 'always', 'match-once', 'match-always'],
  touchPolicies: ['never', 'always', 'cached'],
  isFipsRequired: false,
  serials: null,
  mayBeAutomatic: true,
  isRenewedAutomatically: true,
  approvers: 1,
  isOpen: true,
};

const DEVICE: ProfilePolicy = { ...PERSON, name: 'device', kind: 'device', attestation: 'not-asked', isOpen: false };
const SERVER: ProfilePolicy = {
  ...DEVICE,
  name: 'server',
  kind: 'server',
  validDays: 90,
  maxValidDays: 398,
  names: { commonName: null, email: null, otherNames: { dns: null, ip: null }, maxOtherNames: 100 },
};

export const DEFAULT_POLICY: Policy = {
  profiles: new Map([PERSON, DEVICE, SERVER].map((profile) => [profile.name, profile])),
  defaultProfile: 'person',
  maxPendingWithoutInvitation: 500,
  requestDays: 30,
  retryAfterSeconds: 2,
  challengeSeconds: 120,
  sessionHours: 8,
  invitations: { maxDays: 365, maxUses: 1000 },
  firstApproverInvitationDays: 7,
  revocation: { address: null, crlHours: 72, crlRenewHours: 24, crlPartitions: 1, ocspMinutes: 60 },
  limits: {
    requests: { burst: 1000, perSecond: 100 },
    submissions: { burst: 200, perSecond: 10 },
    wrongGuesses: { burst: 30, perSecond: 0.5 },
    perInvitation: { burst: 60, perSecond: 1 },
  },
};
