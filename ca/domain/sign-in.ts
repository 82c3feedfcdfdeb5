/** Signing in: the holder of an approver's certificate signs a challenge with the certificate's key. */
import { randomBytes } from 'node:crypto';
import { signInMessage } from '../../core/authority-api.ts';
import { equalBytes, toBase64Url, toHex } from '../../core/bytes.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { parseCertificate, type ParsedCertificate } from '../../core/x509/certificate.ts';
import { SIGNATURE_OID } from '../../core/x509/object-identifiers.ts';
import { publicKeyKind } from '../../core/x509/public-key.ts';
import { verifySignature } from '../../core/x509/signature-algorithm.ts';
import type { EnrollableKeyType } from '../../core/security-key.ts';
import type { StoredCertificate } from '../storage/store.ts';
import type { Context } from './context.ts';
import { randomId } from './context.ts';
import type { Approver } from './decide.ts';
import { hashSecret } from './invitations.ts';

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

export interface SignInAnswer {
  readonly challengeId: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
}

/** The certificate as we issued it: not one that looks alike, and not another CA's. */
async function issuedCertificate(context: Context, parsed: ParsedCertificate | undefined): Promise<StoredCertificate | undefined> {
  if (parsed === undefined) return undefined;
  const stored = await context.store.read((rows) => rows.certificate(toHex(parsed.serialNumber)));
  return stored?.certificate && equalBytes(stored.certificate, parsed.der) ? stored : undefined;
}

export interface Session {
  /** Bearer token; the store has its hash. */
  readonly token: string;
  readonly name: string;
  readonly expiresAt: Date;
}

async function openSession(context: Context, certificate: StoredCertificate): Promise<Session> {
  const token = toBase64Url(randomBytes(32));
  const end = context.clock().getTime() + context.policy.sessionHours * 3_600_000;
  const expiresAt = new Date(Math.min(end, certificate.expiresAt.getTime()));
  const { serialNumber, name } = certificate;
  await context.store.write((rows) => rows.addSession({ tokenSha256: hashSecret(token), serialNumber, name, expiresAt }));
  context.log('info', 'signed-in', { serialNumber });
  return { token, name, expiresAt };
}

/**
 * Opens a session. The challenge is used up whatever comes of it. Fails with sign-in-rejected, and with not-an-approver
 * only once the signature holds: strangers do not learn who is one.
 */
export async function signIn(context: Context, answer: SignInAnswer): Promise<Result<Session>> {
  const now = context.clock();
  const challenge = await context.store.write((rows) => rows.takeChallenge(answer.challengeId));
  if (!challenge || challenge.expiresAt.getTime() <= now.getTime()) return failed({ kind: 'sign-in-rejected', reason: 'challenge' });
  const parsed = parseCertificate(answer.certificate);
  const stored = await issuedCertificate(context, parsed);
  if (!parsed || !stored) return failed({ kind: 'sign-in-rejected', reason: 'certificate' });
  const message = signInMessage(context.authority.fingerprint, challenge.challenge);
  if (!(await holdsKey(parsed, message, answer.signature))) return failed({ kind: 'sign-in-rejected', reason: 'signature' });
  if (stored.expiresAt.getTime() <= now.getTime()) return failed({ kind: 'sign-in-rejected', reason: 'expired' });
  return stored.role === 'approver' ? success(await openSession(context, stored)) : failed({ kind: 'not-an-approver' });
}

/** Who holds this token. Fails with not-signed-in. */
export async function approverOf(context: Context, token: string): Promise<Result<Approver>> {
  const session = await context.store.read((rows) => rows.session(hashSecret(token)));
  if (!session || session.expiresAt.getTime() <= context.clock().getTime()) return failed({ kind: 'not-signed-in' });
  return success({ name: session.name, serialNumber: session.serialNumber });
}

/** Ends a session; one that is unknown is over already. */
export async function signOut(context: Context, token: string): Promise<void> {
  await context.store.write((rows) => rows.removeSession(hashSecret(token)));
}
