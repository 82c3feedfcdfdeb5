/**
 * Every expected failure of the product: a kind and its facts, never a sentence.
 * Worded in renderer/messages and cli/messages, given an HTTP status in ca/http/problems.ts.
 */
import type { KeyType } from './security-key.ts';

/** Why a value cannot be a PIN or a PUK; found before it reaches the key. */
export type PinRule = 'too-short' | 'too-long' | 'factory-value' | 'not-digits' | 'too-simple';

/** Why a key pair cannot have the policies that were asked for. */
export type PolicyProblem = 'pin-never-on-fips' | 'touch-cached-too-old';

/** Why a certificate does not belong onto this key. */
export type CertificateUnfitReason = 'unreadable' | 'public-key' | 'chain' | 'not-yet-valid' | 'expired' | 'client-auth' | 'read-back';

/** Why a file that was opened as the certificate, or as the CA's, is none. */
export type CertificateFileProblem = 'empty' | 'unreadable' | 'too-large' | 'request' | 'private-key' | 'pkcs12' | 'other-key' | 'only-authorities' | 'no-authority';

/** Why an attestation is not believed. */
export type AttestationProblem = 'missing' | 'unreadable' | 'signature' | 'other-key' | 'unknown-issuer';

/** Failures of readers, keys and modules. `detail` is technical and free of secrets: shown under Details only. */
export type SecurityKeyFailure =
  | { readonly kind: 'smart-card-service-missing'; readonly detail?: string }
  | { readonly kind: 'smart-card-access-denied'; readonly detail?: string }
  | { readonly kind: 'device-process-ended'; readonly detail?: string }
  | { readonly kind: 'security-key-removed' }
  /** `holder`: the program that keeps it, where the system tells. `isReleasable`: SecurityKeys.releaseHolder makes it let go. */
  | { readonly kind: 'security-key-busy'; readonly holder?: string; readonly isReleasable?: true }
  | { readonly kind: 'security-key-unresponsive'; readonly detail?: string }
  /** A card without the PIV application. */
  | { readonly kind: 'not-a-piv-key'; readonly detail?: string }
  /** A status word that nothing else explains; `instruction` names the PIV command. */
  | { readonly kind: 'card-error'; readonly instruction: string; readonly statusWord: number }
  | { readonly kind: 'pin-wrong'; readonly attemptsLeft: number }
  | { readonly kind: 'pin-blocked' }
  | { readonly kind: 'puk-wrong'; readonly attemptsLeft: number }
  | { readonly kind: 'puk-blocked' }
  /** `minLength`: with 'too-short', of this key; 6 unless told (8 on FIPS keys of firmware 5.7). */
  | { readonly kind: 'pin-invalid'; readonly which: 'PIN' | 'PUK'; readonly rule: PinRule; readonly minLength?: number }
  | { readonly kind: 'management-key-unknown' }
  /** Object 5FC109 holds something of another program; it is never overwritten. */
  | { readonly kind: 'printed-object-in-use' }
  /** What was typed is no management key of the key's algorithm: it needs so many hexadecimal digits. */
  | { readonly kind: 'management-key-malformed'; readonly digits: number }
  | { readonly kind: 'attempts-invalid' }
  /** What the person typed is not the serial of this key; nothing was touched. */
  | { readonly kind: 'serial-mismatch' }
  /** Moving keys came with firmware 5.7. */
  | { readonly kind: 'move-unsupported'; readonly firmware: string }
  | { readonly kind: 'no-retired-slot-free' }
  | { readonly kind: 'policy-refused'; readonly problem: PolicyProblem }
  /** A FIPS key of firmware 5.7 makes no keys before PIN, PUK and management key are the owner's (Yubico, FIPS 140-3). */
  | { readonly kind: 'fips-not-ready' }
  /** No program that we know how to ask keeps the key. */
  | { readonly kind: 'holder-not-releasable'; readonly holder?: string }
  | { readonly kind: 'touch-timeout' }
  | { readonly kind: 'key-type-unsupported'; readonly keyType: KeyType; readonly firmware: string }
  | { readonly kind: 'slot-empty' }
  | { readonly kind: 'attestation-unavailable' }
  | { readonly kind: 'certificate-unfit'; readonly reason: CertificateUnfitReason; readonly detail?: string }
  | { readonly kind: 'module-failed'; readonly module: string; readonly detail: string }
  | { readonly kind: 'module-crashed'; readonly module: string }
  | { readonly kind: 'proof-failed'; readonly reason: 'certificate-not-found' | 'key-not-found' | 'signature'; readonly module: string };

/** Failures between us and a certificate authority, and its refusals. */
export type AuthorityFailure =
  | { readonly kind: 'invitation-unreadable'; readonly reason: 'not-a-link' | 'address' | 'fingerprint' | 'code' }
  | { readonly kind: 'authority-address-invalid' }
  /** Nobody answers: `retryAfterSeconds` where we go on trying by ourselves. */
  | { readonly kind: 'authority-unreachable'; readonly address: string; readonly detail?: string }
  | { readonly kind: 'authority-fingerprint-mismatch'; readonly address: string; readonly expected: string; readonly actual: string }
  /** The address answers with a certificate that the pinned CA did not sign. */
  | { readonly kind: 'authority-untrusted'; readonly address: string; readonly detail?: string }
  /** It answers, but not as a Latchkey CA. */
  | { readonly kind: 'authority-protocol'; readonly address: string; readonly detail?: string }
  | { readonly kind: 'authority-locked' }
  | { readonly kind: 'invitation-unknown' }
  | { readonly kind: 'invitation-expired' }
  | { readonly kind: 'invitation-used' }
  | { readonly kind: 'csr-unreadable'; readonly detail?: string }
  | { readonly kind: 'csr-signature-invalid' }
  | { readonly kind: 'csr-key-refused'; readonly keyType: string }
  /** A field of the subject or a name in the CSR cannot be accepted. */
  | { readonly kind: 'csr-name-refused'; readonly field: string }
  | { readonly kind: 'attestation-refused'; readonly problem: AttestationProblem; readonly issuer?: string }
  | { readonly kind: 'request-malformed'; readonly detail?: string }
  | { readonly kind: 'request-too-large'; readonly limitBytes: number }
  | { readonly kind: 'request-unknown' }
  | { readonly kind: 'request-denied'; readonly reason: string }
  | { readonly kind: 'request-already-decided'; readonly status: string }
  | { readonly kind: 'not-signed-in' }
  | { readonly kind: 'not-an-approver' }
  | { readonly kind: 'sign-in-rejected'; readonly reason: 'challenge' | 'signature' | 'certificate' | 'expired' | 'revoked' }
  /** Signed in, but with too low a role. */
  | { readonly kind: 'not-allowed'; readonly wanted: 'approver' | 'owner' | 'auditor' }
  /** Nobody approves their own request. */
  | { readonly kind: 'own-request' }
  /** The two approvals that are wanted come from two people. */
  | { readonly kind: 'already-approved-by-you' }
  /** The signed statement of a decision does not hold, or says another thing than what it was handed in for. */
  | { readonly kind: 'statement-refused'; readonly problem: 'unreadable' | 'signature' | 'other-certificate' | 'other-authority' | 'other-request' | 'time' | 'used' }
  | { readonly kind: 'certificate-unknown' }
  /** Revoked for good: it cannot be held, released or given a role. */
  | { readonly kind: 'certificate-revoked' }
  | { readonly kind: 'certificate-not-held' }
  | { readonly kind: 'last-owner' }
  | { readonly kind: 'invitation-refused'; readonly field: 'name' | 'email' | 'role' | 'profile' | 'days' | 'uses' | 'isAutomatic' }
  | { readonly kind: 'invitation-ended' }
  /** Not by this certificate: it is expired, revoked, another CA's, or its key did not sign. */
  | { readonly kind: 'renewal-refused'; readonly reason: 'challenge' | 'signature' | 'certificate' | 'expired' | 'revoked' }
  /** The policy does not let this request be; `rule` is the name in the policy file, such as "attestation" or "keyTypes". */
  | { readonly kind: 'policy-violated'; readonly profile: string; readonly rule: string; readonly detail: string }
  | { readonly kind: 'profile-unknown'; readonly profile: string }
  /** The certificate to be does not stand up to RFC 5280 or its profile; it was not signed. */
  | { readonly kind: 'certificate-lint-failed'; readonly problems: readonly string[] }
  | { readonly kind: 'signature-refused' }
  | { readonly kind: 'certificate-file-refused'; readonly problem: CertificateFileProblem }
  /** The EST server wants a user name and password, or does not take those that were sent. */
  | { readonly kind: 'est-sign-in-refused'; readonly address: string; readonly wasGiven: boolean }
  /** The EST server said no. `answer`: its own words, shortened, or empty. */
  | { readonly kind: 'est-refused'; readonly address: string; readonly status: number; readonly answer: string }
  /** Asked by EST or by hand, it has to be done there: withdrawing, renewing. */
  | { readonly kind: 'authority-cannot'; readonly what: string }
  | { readonly kind: 'too-many-requests'; readonly retryAfterSeconds: number };

/** Failures of the operator's commands. */
export type OperatorFailure =
  | { readonly kind: 'passphrase-wrong' }
  | { readonly kind: 'authority-folder-exists'; readonly path: string }
  | { readonly kind: 'authority-folder-missing'; readonly path: string }
  | { readonly kind: 'authority-certificate-unfit'; readonly reason: 'unreadable' | 'not-a-ca' | 'path-length' | 'other-key' | 'expired' | 'not-yet-valid' | 'key-type' | 'other-root' | 'root-only' }
  /** `line` and `column` from 1, where the mistake has a place. */
  | { readonly kind: 'policy-invalid'; readonly path: string; readonly problems: readonly { readonly line: number; readonly column: number; readonly problem: string }[] }
  | { readonly kind: 'store-unreachable'; readonly address: string; readonly detail?: string }
  /** The target of a restore or a migration has something in it already. */
  | { readonly kind: 'store-not-empty'; readonly address: string }
  | { readonly kind: 'store-newer'; readonly version: number; readonly known: number }
  | { readonly kind: 'backup-unreadable'; readonly path: string; readonly detail: string }
  /** The token or its key for a PKCS#11 URI cannot be used. */
  | { readonly kind: 'token-key-unusable'; readonly problem: 'uri' | 'module' | 'token-missing' | 'key-missing' | 'key-ambiguous' | 'pin-missing' | 'pin-wrong' | 'pin-blocked' | 'key-type'; readonly detail?: string }
  /** An approver holds the CA's key, and the server cannot start before so many signatures were made. */
  | { readonly kind: 'signatures-missing'; readonly count: number }
  /** The CA's chain does not lead from the issuing certificate to a root. */
  | { readonly kind: 'chain-broken'; readonly missingIssuer: string }
  /** `sequence`: of the first line of the audit log that does not fit. */
  | { readonly kind: 'audit-broken'; readonly sequence: number; readonly problem: 'missing' | 'changed' | 'order' | 'checkpoint' | 'end' }
  /** A CRL that must not go to a server. `issuer`: its name, where one is known. 'missing': a CA of the chain has none. */
  | { readonly kind: 'crl-unusable'; readonly problem: 'unreadable' | 'unknown-issuer' | 'expired' | 'not-yet-valid' | 'older' | 'missing'; readonly issuer: string }
  | { readonly kind: 'command-failed'; readonly command: string; readonly detail: string }
  | { readonly kind: 'address-in-use'; readonly address: string }
  | { readonly kind: 'file-unreadable'; readonly path: string; readonly detail?: string }
  /** Nothing was left at the path, or what was there before. `detail`: the system's code, such as "ENOSPC". */
  | { readonly kind: 'file-unwritable'; readonly path: string; readonly detail?: string };

/** A bug of ours: logged whole under `id`, shown as the id. */
export interface UnexpectedFailure {
  readonly kind: 'unexpected';
  readonly id: string;
}

export type Failure = SecurityKeyFailure | AuthorityFailure | OperatorFailure | UnexpectedFailure;
export type FailureKind = Failure['kind'];
