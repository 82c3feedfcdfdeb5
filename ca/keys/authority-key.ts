/** The CA's private key, wherever it is: it signs, and never comes out. */
import type { Failure } from '../../core/failures.ts';
import { failed, type Result } from '../../core/result.ts';
import type { SignatureAlgorithmName } from '../../core/x509/signature-algorithm.ts';

/** Key types offered for a new CA. An imported one may also have RSA-2048, RSA-3072 or P-521. */
export const AUTHORITY_KEY_TYPES = ['ECCP384', 'RSA4096', 'ECCP256', 'ED25519'] as const;
export type AuthorityKeyType = (typeof AUTHORITY_KEY_TYPES)[number];

export interface AuthorityKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** The algorithm of every signature that {@link sign} makes. */
  readonly signatureAlgorithm: SignatureAlgorithmName;
  /**
   * The signature as a certificate carries it: DER ECDSA-Sig-Value, PKCS#1 v1.5 or Ed25519 bytes. Throws
   * {@link AuthorityKeyUnavailable} where it cannot be had now: a token that was pulled, a holder who did not sign yet.
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** What a piece of work comes to that signs; a key that cannot sign now is its failure. */
export async function whereAvailable<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthorityKeyUnavailable) return failed(error.failure);
    throw error;
  }
}

/** The key cannot sign now, and may later: what was to be signed stays as it is and is signed then. */
export class AuthorityKeyUnavailable extends Error {
  constructor(readonly failure: Failure) {
    super(`The CA's key cannot sign now: ${failure.kind}${'problem' in failure ? `, ${failure.problem}` : ''}.`);
    this.name = 'AuthorityKeyUnavailable';
  }
}
