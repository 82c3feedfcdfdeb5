/** Signatures with slot 9a by PIV commands, and what must be known before one. */
import { equalBytes } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import type { KeyActivity, KeyPairFacts, KeyProof, KeyType, TouchPolicy } from '../core/security-key.ts';
import { readCertificate } from './piv/certificates.ts';
import { readKeyPair } from './piv/facts.ts';
import { KEY_REFERENCE } from './piv/identifiers.ts';
import { hasMetadata } from './piv/metadata.ts';
import { verifyPin } from './piv/pin.ts';
import { certificateFacts, keyTypeOf } from './piv/public-keys.ts';
import type { PivSession } from './piv/session.ts';
import { isSignatureOf, signWith, wantsTouch } from './piv/sign.ts';

const SLOT = KEY_REFERENCE.AUTHENTICATION;
const CHALLENGE_LENGTH = 32;

export type ActivityListener = ((activity: KeyActivity) => void) | undefined;

/** The key in 9a, as far as a signature needs to know it. */
export interface Signer {
  readonly keyType: KeyType;
  readonly touchPolicy: TouchPolicy | null;
  /** The slot's certificate is of this key: a module can see it. */
  readonly isCertified: boolean;
}

/** Reads about the key in 9a. Fails with slot-empty. */
export async function readSigner(session: PivSession): Promise<Result<Signer>> {
  const keyPair = await readKeyPair(session, SLOT);
  if (!keyPair.ok) return keyPair;
  const certificate = await readCertificate(session, SLOT);
  if (!certificate.ok) return certificate;
  const certified = certificate.value ? certificateFacts(certificate.value)?.publicKey : undefined;
  const signer = signerOf(keyPair.value, certified, hasMetadata(session));
  return signer ? success(signer) : failed({ kind: 'slot-empty' });
}

/** Before 5.3 an imported key shows in its certificate alone. */
function signerOf(keyPair: KeyPairFacts | null, certified: Uint8Array | undefined, isComplete: boolean): Signer | undefined {
  if (keyPair) {
    const isCertified = certified !== undefined && equalBytes(certified, keyPair.publicKey);
    return { keyType: keyPair.keyType, touchPolicy: keyPair.touchPolicy, isCertified };
  }
  const keyType = certified && !isComplete ? keyTypeOf(certified) : undefined;
  return keyType && { keyType, touchPolicy: null, isCertified: true };
}

/** Tells of a touch at the moment the key is about to be asked for a signature, where it wants one. */
export function announceTouch(signer: Signer, onActivity: ActivityListener): void {
  if (wantsTouch(signer.touchPolicy)) onActivity?.({ kind: 'waiting-for-touch' });
}

/** Verifies the PIN and signs. Fails with pin-wrong, pin-blocked, touch-timeout. */
export async function signVerified(session: PivSession, signer: Signer, pin: string, message: Uint8Array, onActivity: ActivityListener): Promise<Result<Uint8Array>> {
  const verified = await verifyPin(session, pin);
  if (!verified.ok) return verified;
  announceTouch(signer, onActivity);
  return signWith(session, SLOT, signer, message);
}

/** The proof without a module: `certificate` is in the slot, and a challenge signed there verifies with its public key. */
export async function provePiv(session: PivSession, signer: Signer, pin: string, certificate: Uint8Array, onActivity: ActivityListener): Promise<Result<KeyProof>> {
  const stored = await readCertificate(session, SLOT);
  if (!stored.ok) return stored;
  const publicKey = certificateFacts(certificate)?.publicKey;
  if (!publicKey || !stored.value || !equalBytes(stored.value, certificate)) {
    return failed({ kind: 'proof-failed', reason: 'certificate-not-found', module: 'PIV' });
  }
  const challenge = crypto.getRandomValues(new Uint8Array(CHALLENGE_LENGTH));
  const signature = await signVerified(session, signer, pin, challenge, onActivity);
  if (!signature.ok) return signature;
  const isProven = isSignatureOf(publicKey, challenge, signature.value);
  return isProven ? success({ through: 'piv', module: null, signed: true }) : failed({ kind: 'proof-failed', reason: 'signature', module: 'PIV' });
}
