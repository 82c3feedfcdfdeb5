import type { CertificateUnfitReason } from '../core/failures.ts';
import type { AnyFailure, AnyFailureKind } from './failures.ts';

/** What the process answers its caller with. 75 is EX_TEMPFAIL of sysexits.h: try again later. */
export const EXIT = { done: 0, unexpected: 1, usage: 2, key: 3, authority: 4, refused: 5, pending: 75 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Whose turn it is after a failure; 'certificate-unfit' depends on its reason. */
const CODES: Readonly<Record<Exclude<AnyFailureKind, 'certificate-unfit'>, ExitCode>> = {
  usage: EXIT.usage,
  'secret-missing': EXIT.usage,
  'answer-missing': EXIT.usage,
  'secrets-differ': EXIT.usage,
  cancelled: EXIT.usage,
  'several-security-keys': EXIT.usage,
  'no-authority': EXIT.usage,
  'pin-invalid': EXIT.usage,
  'invitation-unreadable': EXIT.usage,
  'authority-address-invalid': EXIT.usage,
  'file-unreadable': EXIT.usage,
  'file-unwritable': EXIT.usage,
  'management-key-malformed': EXIT.usage,
  'attempts-invalid': EXIT.usage,
  'serial-mismatch': EXIT.usage,

  'no-security-key': EXIT.key,
  'smart-card-service-missing': EXIT.key,
  'smart-card-access-denied': EXIT.key,
  'device-process-ended': EXIT.key,
  'security-key-removed': EXIT.key,
  'security-key-busy': EXIT.key,
  'security-key-unresponsive': EXIT.key,
  'not-a-piv-key': EXIT.key,
  'card-error': EXIT.key,
  'pin-wrong': EXIT.key,
  'pin-blocked': EXIT.key,
  'puk-wrong': EXIT.key,
  'puk-blocked': EXIT.key,
  'management-key-unknown': EXIT.key,
  'printed-object-in-use': EXIT.key,
  'move-unsupported': EXIT.key,
  'no-retired-slot-free': EXIT.key,
  'policy-refused': EXIT.key,
  'fips-not-ready': EXIT.key,
  'holder-not-releasable': EXIT.key,
  'touch-timeout': EXIT.key,
  'key-type-unsupported': EXIT.key,
  'slot-empty': EXIT.key,
  'nothing-in-slot': EXIT.key,
  'not-proven-genuine': EXIT.key,
  'attestation-unavailable': EXIT.key,
  'module-failed': EXIT.key,
  'module-crashed': EXIT.key,
  'proof-failed': EXIT.key,

  'authority-unreachable': EXIT.authority,
  'authority-fingerprint-mismatch': EXIT.authority,
  'authority-untrusted': EXIT.authority,
  'authority-protocol': EXIT.authority,
  'authority-locked': EXIT.authority,
  'request-malformed': EXIT.authority,
  'request-too-large': EXIT.authority,
  'request-unknown': EXIT.authority,
  'too-many-requests': EXIT.authority,
  'passphrase-wrong': EXIT.authority,
  'authority-folder-exists': EXIT.authority,
  'authority-folder-missing': EXIT.authority,
  'authority-certificate-unfit': EXIT.authority,
  'address-in-use': EXIT.authority,
  'chain-broken': EXIT.authority,
  'signatures-missing': EXIT.authority,
  'token-key-unusable': EXIT.authority,
  'crl-unusable': EXIT.authority,

  'invitation-unknown': EXIT.refused,
  'invitation-expired': EXIT.refused,
  'invitation-used': EXIT.refused,
  'csr-unreadable': EXIT.refused,
  'csr-signature-invalid': EXIT.refused,
  'csr-key-refused': EXIT.refused,
  'csr-name-refused': EXIT.refused,
  'attestation-refused': EXIT.refused,
  'request-denied': EXIT.refused,
  'request-already-decided': EXIT.refused,
  'not-signed-in': EXIT.refused,
  'not-an-approver': EXIT.refused,
  'sign-in-rejected': EXIT.refused,
  'not-allowed': EXIT.refused,
  'own-request': EXIT.refused,
  'already-approved-by-you': EXIT.refused,
  'statement-refused': EXIT.refused,
  'certificate-unknown': EXIT.refused,
  'certificate-revoked': EXIT.refused,
  'certificate-not-held': EXIT.refused,
  'last-owner': EXIT.refused,
  'invitation-refused': EXIT.refused,
  'invitation-ended': EXIT.refused,
  'renewal-refused': EXIT.refused,
  'policy-violated': EXIT.refused,
  'profile-unknown': EXIT.refused,
  'certificate-lint-failed': EXIT.refused,
  'signature-refused': EXIT.refused,
  'authority-cannot': EXIT.refused,

  pending: EXIT.pending,
  'demo-failed': EXIT.unexpected,
  unexpected: EXIT.unexpected,
};

/** The exit code of a failure. */
export function exitCodeOf(failure: AnyFailure): ExitCode {
  return failure.kind === 'certificate-unfit' ? unfitCode(failure.reason) : CODES[failure.kind];
}

/** A certificate that does not fit is the CA's doing, unless the key gave back something else than was written. */
function unfitCode(reason: CertificateUnfitReason): ExitCode {
  return reason === 'read-back' ? EXIT.key : EXIT.authority;
}
