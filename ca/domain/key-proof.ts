/** Proof that somebody holds the key of a certificate of ours: they sign a challenge with it. For signing in and for renewing. */
import { randomBytes } from 'node:crypto';
import { equalBytes, toHex } from '../../core/bytes.ts';
import { parseCertificate, type ParsedCertificate } from '../../core/x509/certificate.ts';
import { SIGNATURE_OID } from '../../core/x509/object-identifiers.ts';
import { publicKeyKind } from '../../core/x509/public-key.ts';
import { verifySignature } from '../../core/x509/signature-algorithm.ts';
import type { EnrollableKeyType } from '../../core/security-key.ts';
import type { StoredCertificate } from '../storage/store.ts';
import { randomId, type Context } from './context.ts';

export interface Challenge {
  readonly challengeId: string;
  readonly challenge: Uint8Array;
  readonly expiresAt: Date;
}

/** A challenge, good for one answer. */
export async function newChallenge(context: Context): Promise<Challenge> {
  const now = context.clock();
  const challenge = { id: randomId(), challenge: new Uint8Array(randomBytes(32)), expiresAt: new Date(now.getTime() + context.policy.challengeSeconds * 1000) };
  await context.store.write(async (rows) => {
    await rows.removeExpired(now);
    await rows.addChallenge(challenge);
  });
  return { challengeId: challenge.id, challenge: challenge.challenge, expiresAt: challenge.expiresAt };
}

export interface ChallengeAnswer {
  readonly challengeId: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
}

/** The certificate as we issued it, or why the answer proves nothing. `certificate`: as far as it is known whose it claims to be. */
export type KeyProofOutcome =
  | { readonly isProven: true; readonly certificate: StoredCertificate }
  | { readonly isProven: false; readonly reason: 'challenge' | 'signature' | 'certificate' | 'expired' | 'revoked'; readonly certificate: StoredCertificate | null };

/** How each key type signs: see SecurityKey.sign in core/security-key.ts. */
const SIGNATURE_OF: Readonly<Record<EnrollableKeyType, string>> = {
  ECCP256: SIGNATURE_OID.ecdsaWithSHA256,
  ECCP384: SIGNATURE_OID.ecdsaWithSHA384,
  RSA2048: SIGNATURE_OID.sha256WithRSAEncryption,
  RSA3072: SIGNATURE_OID.sha256WithRSAEncryption,
  RSA4096: SIGNATURE_OID.sha256WithRSAEncryption,
  ED25519: SIGNATURE_OID.ed25519,
};

async function holdsKey(certificate: ParsedCertificate, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const kind = publicKeyKind(certificate.publicKey);
  return kind.accepted && verifySignature(certificate.publicKey, SIGNATURE_OF[kind.keyType], message, signature);
}

/** The certificate as we issued it to somebody: not one that looks alike, not another CA's, not our own server's. */
export async function issuedCertificate(context: Context, parsed: ParsedCertificate | undefined): Promise<StoredCertificate | undefined> {
  if (parsed === undefined) return undefined;
  const stored = await context.store.read((rows) => rows.certificate(toHex(parsed.serialNumber)));
  return stored?.certificate && stored.requestId !== null && equalBytes(stored.certificate, parsed.der) ? stored : undefined;
}

/**
 * Checks the answer to a challenge, which is used up whatever comes of it. `messageOf`: the bytes that were to be signed.
 * That a certificate is expired, held or revoked is told only to whoever holds its key.
 */
export async function checkKeyProof(context: Context, answer: ChallengeAnswer, messageOf: (caFingerprint: string, challenge: Uint8Array) => Uint8Array): Promise<KeyProofOutcome> {
  const now = context.clock();
  const refused = (reason: Extract<KeyProofOutcome, { isProven: false }>['reason'], certificate: StoredCertificate | null = null): KeyProofOutcome => ({ isProven: false, reason, certificate });
  const challenge = await context.store.write((rows) => rows.takeChallenge(answer.challengeId));
  if (!challenge || challenge.expiresAt.getTime() <= now.getTime()) return refused('challenge');
  const parsed = parseCertificate(answer.certificate);
  const stored = await issuedCertificate(context, parsed);
  if (!parsed || !stored) return refused('certificate');
  const message = messageOf(context.authority.fingerprint, challenge.challenge);
  if (!(await holdsKey(parsed, message, answer.signature))) return refused('signature', stored);
  if (stored.status !== 'good') return refused('revoked', stored);
  return stored.expiresAt.getTime() <= now.getTime() ? refused('expired', stored) : { isProven: true, certificate: stored };
}
