/** Invitations: one-time codes that say who may enroll. The code is in the link and nowhere else; the store has its hash. */
import { createHash, randomBytes } from 'node:crypto';
import { toBase64Url } from '../../core/bytes.ts';
import type { InvitationFacts } from '../../core/certificate-authority.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { isCommonName, isEmail } from '../../core/x509/name-rules.ts';
import type { InvitationApproval, Role, Store, StoredInvitation } from '../storage/store.ts';
import type { Context } from './context.ts';
import { randomId } from './context.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 365;

/** SHA-256 of a secret that is random enough to need no salt, lower-case hex. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** 128 random bits, 22 characters that survive in a link. */
export function randomSecret(): string {
  return toBase64Url(randomBytes(16));
}

export interface NewInvitation {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly approval: InvitationApproval;
  readonly days: number;
  readonly now: Date;
}

/** Stores an invitation and answers its code, once. */
export async function addInvitation(store: Store, wanted: NewInvitation): Promise<{ readonly code: string; readonly expiresAt: Date }> {
  const code = randomSecret();
  const expiresAt = new Date(wanted.now.getTime() + wanted.days * DAY_MS);
  const { name, email, role, approval, now } = wanted;
  await store.write((rows) =>
    rows.addInvitation({ id: randomId(), codeSha256: hashSecret(code), name, email, role, approval, createdAt: now, expiresAt, usedBy: null }),
  );
  return { code, expiresAt };
}

/** Whether an invitation can name this person. Fails with request-malformed; `detail` is the field. */
export function checkInvited(person: { readonly name: string; readonly email: string; readonly days: number }): Result<void> {
  if (!isCommonName(person.name)) return failed({ kind: 'request-malformed', detail: 'name' });
  if (!isEmail(person.email)) return failed({ kind: 'request-malformed', detail: 'email' });
  const isPeriod = person.days > 0 && person.days <= MAX_DAYS;
  return isPeriod ? success(undefined) : failed({ kind: 'request-malformed', detail: 'days' });
}

export interface FirstApprover {
  readonly name: string;
  readonly email: string;
}

/**
 * A code for the first approver; null once there is one. Nothing keeps the code of an earlier start, so every start
 * makes another; the earlier ones stay good until one of them is used, because somebody may hold the link already.
 */
export async function inviteFirstApprover(context: Context, person: FirstApprover | undefined): Promise<string | null> {
  const { store, policy, clock } = context;
  if ((await store.read((rows) => rows.approvers())) > 0) return null;
  const { name, email } = person ?? { name: '', email: '' };
  const wanted = { name, email, role: 'approver', approval: 'first-approver', days: policy.firstApproverInvitationDays, now: clock() } as const;
  return (await addInvitation(store, wanted)).code;
}

/** Whether the code can still be used. Fails with invitation-used, invitation-expired. */
export function checkUsable(invitation: StoredInvitation, now: Date): Result<void> {
  if (invitation.usedBy !== null) return failed({ kind: 'invitation-used' });
  return invitation.expiresAt.getTime() <= now.getTime() ? failed({ kind: 'invitation-expired' }) : success(undefined);
}

/** What an invitation is for. Fails with invitation-unknown, -used, -expired. */
export async function lookUpInvitation(context: Context, code: string): Promise<Result<InvitationFacts>> {
  const invitation = await context.store.read((rows) => rows.invitationByCode(hashSecret(code)));
  if (invitation === undefined) return failed({ kind: 'invitation-unknown' });
  const usable = checkUsable(invitation, context.clock());
  if (!usable.ok) return usable;
  const { name, email, role, expiresAt } = invitation;
  return success({ name, email, role, expiresAt });
}
