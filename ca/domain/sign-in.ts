/** Signing in: the holder of an officer's certificate signs a challenge with the certificate's key. */
import { randomBytes } from 'node:crypto';
import { signInMessage } from '../../core/authority-api.ts';
import { toBase64Url } from '../../core/bytes.ts';
import type { OfficerRole } from '../../core/requests/roles.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredCertificate } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Actor, Context } from './context.ts';
import { hashSecret } from './invitations.ts';
import { checkKeyProof, type ChallengeAnswer } from './key-proof.ts';
import { officerFrom, type Officer } from './officers.ts';

export interface Session {
  /** Bearer token; the store has its hash. */
  readonly token: string;
  readonly name: string;
  readonly role: OfficerRole;
  readonly serialNumber: string;
  readonly expiresAt: Date;
}

/** Whoever signs with a certificate is named in the audit log from the first moment on. */
function actorOf(certificate: StoredCertificate, asked: Actor): Actor {
  return { ...asked, name: certificate.name, serialNumber: certificate.serialNumber };
}

async function openSession(context: Context, officer: Officer, certificate: StoredCertificate, asked: Actor): Promise<Session> {
  const token = toBase64Url(randomBytes(32));
  const now = context.clock();
  const end = now.getTime() + context.policy.sessionHours * 3_600_000;
  const expiresAt = new Date(Math.min(end, certificate.expiresAt.getTime()));
  const { serialNumber, name, role } = officer;
  await context.store.write(async (rows) => {
    await rows.addSession({ tokenSha256: hashSecret(token), serialNumber, name, expiresAt });
    await record(rows, { event: 'signed-in', actor: actorOf(certificate, asked), at: now, subject: serialNumber, facts: { role } });
  });
  context.log('info', 'signed-in', { serialNumber });
  return { token, name, role, serialNumber, expiresAt };
}

/** Refusals are audited where a certificate of ours is named: strangers could fill the log otherwise. */
async function refuse(context: Context, certificate: StoredCertificate | null, reason: string, asked: Actor): Promise<void> {
  if (certificate === null) return;
  const { serialNumber, name } = certificate;
  const told = { event: 'sign-in-refused', actor: asked, at: context.clock(), subject: serialNumber, facts: { name, reason } } as const;
  await context.store.write((rows) => record(rows, told));
}

/**
 * Opens a session. The challenge is used up whatever comes of it. `asked`: the stranger who asks. Fails with
 * sign-in-rejected, and with not-an-approver only once the signature holds: strangers do not learn who is one.
 */
export async function signIn(context: Context, answer: ChallengeAnswer, asked: Actor): Promise<Result<Session>> {
  const proof = await checkKeyProof(context, answer, signInMessage);
  if (!proof.isProven) {
    await refuse(context, proof.certificate, proof.reason, asked);
    return failed({ kind: 'sign-in-rejected', reason: proof.reason });
  }
  const officer = officerFrom(proof.certificate);
  if (officer === undefined) {
    await refuse(context, proof.certificate, 'role', asked);
    return failed({ kind: 'not-an-approver' });
  }
  return success(await openSession(context, officer, proof.certificate, asked));
}

/**
 * Who holds this token, as they are now: a certificate that is revoked, held, expired or without its role ends the session
 * with the next request. Fails with not-signed-in.
 */
export async function officerOf(context: Context, token: string): Promise<Result<Officer>> {
  const now = context.clock().getTime();
  const tokenSha256 = hashSecret(token);
  const certificate = await context.store.read(async (rows) => {
    const session = await rows.session(tokenSha256);
    return session && session.expiresAt.getTime() > now ? rows.certificate(session.serialNumber) : undefined;
  });
  const isGood = certificate?.status === 'good' && certificate.expiresAt.getTime() > now;
  const officer = certificate && isGood ? officerFrom(certificate) : undefined;
  return officer ? success(officer) : failed({ kind: 'not-signed-in' });
}

/** Ends a session; one that is unknown is over already. */
export async function signOut(context: Context, token: string): Promise<void> {
  await context.store.write((rows) => rows.removeSession(hashSecret(token)));
}
