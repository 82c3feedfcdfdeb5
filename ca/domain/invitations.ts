/** Invitations: codes that say who may enroll. The code is in the link and nowhere else; the store has its hash. */
import { createHash, randomBytes } from 'node:crypto';
import { toBase64Url } from '../../core/bytes.ts';
import type { InvitationFacts } from '../../core/certificate-authority.ts';
import { formatInvitation } from '../../core/invitation.ts';
import type { CreatedInvitation, InvitationState, InvitationView, WantedInvitation } from '../../core/requests/invitation-view.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { isCommonName, isEmail } from '../../core/x509/name-rules.ts';
import type { InvitationApproval, Page, Role, StoredInvitation, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import { AUTHORITY_ACTOR, type Actor, type Context, randomId } from './context.ts';
import { checkRole, type Officer } from './officers.ts';
import type { Policy } from './policy.ts';

const DAY_MS = 86_400_000;

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
  readonly profile: string;
  readonly approval: InvitationApproval;
  readonly days: number;
  readonly uses: number;
  readonly createdBy: string;
  readonly now: Date;
  /** Only with approval 'renewal'. */
  readonly renewsSerialNumber?: string;
}

/** A new invitation and its code, which is nowhere else; not stored yet. */
export function newInvitation(wanted: NewInvitation): { readonly code: string; readonly invitation: StoredInvitation } {
  const code = randomSecret();
  const { name, email, role, profile, approval, days, uses, createdBy, now } = wanted;
  const expiresAt = new Date(now.getTime() + days * DAY_MS);
  const life = { createdBy, createdAt: now, expiresAt, maxUses: uses, uses: 0, endedAt: null };
  const invitation = { id: randomId(), codeSha256: hashSecret(code), name, email, role, profile, approval, ...life, renewsSerialNumber: wanted.renewsSerialNumber ?? null };
  return { code, invitation };
}

/** Stores an invitation, and the line of the audit log about it. */
export async function addInvitation(rows: StoreWriter, invitation: StoredInvitation, actor: Actor): Promise<void> {
  const { id, name, email, role, profile, approval, maxUses, createdAt, expiresAt } = invitation;
  await rows.addInvitation(invitation);
  const facts = { name, email, role, profile, approval, uses: maxUses, expiresAt: expiresAt.toISOString() };
  await record(rows, { event: 'invitation-created', actor, at: createdAt, subject: id, facts });
}

/** Whether the policy lets such an invitation be. Fails with invitation-refused and the field. */
export function checkWanted(policy: Policy, wanted: WantedInvitation): Result<void> {
  const profile = policy.profiles.get(wanted.profile);
  const isCount = (value: number, most: number): boolean => Number.isInteger(value) && value > 0 && value <= most;
  const fields = {
    profile: profile !== undefined,
    name: isCommonName(wanted.name),
    // Devices and servers have none of their own.
    email: isEmail(wanted.email) || (wanted.email === '' && profile !== undefined && profile.kind !== 'person'),
    role: wanted.role === 'user' || profile?.kind === 'person',
    days: isCount(wanted.days, policy.invitations.maxDays),
    uses: isCount(wanted.uses, policy.invitations.maxUses),
    isAutomatic: !wanted.isAutomatic || profile?.mayBeAutomatic === true,
  };
  const [refused] = Object.entries(fields).find(([, isGood]) => !isGood) ?? [];
  return refused === undefined ? success(undefined) : failed({ kind: 'invitation-refused', field: refused as keyof typeof fields });
}

/** Who acts next: see {@link InvitationState}. */
function stateOf({ endedAt, uses, maxUses, expiresAt }: StoredInvitation, now: Date): InvitationState {
  if (endedAt !== null) return 'ended';
  if (uses >= maxUses) return 'used';
  return expiresAt.getTime() <= now.getTime() ? 'expired' : 'open';
}

/** The approver's view. */
export function invitationView(invitation: StoredInvitation, now: Date): InvitationView {
  const { id, name, email, role, profile, approval, createdAt, createdBy, expiresAt, maxUses, uses } = invitation;
  const isAutomatic = approval !== 'by-approver';
  return { id, name, email, role, profile, uses: maxUses, usesLeft: Math.max(0, maxUses - uses), isAutomatic, state: stateOf(invitation, now), createdAt, createdBy, expiresAt };
}

/**
 * An officer invites. Fails with invitation-refused; with not-allowed below 'approver', and below 'owner' where the
 * invitation is to a role.
 */
export async function invite(context: Context, wanted: WantedInvitation, officer: Officer, actor: Actor): Promise<Result<CreatedInvitation>> {
  const allowed = checkRole(officer, wanted.role === 'user' ? 'approver' : 'owner');
  if (!allowed.ok) return allowed;
  const checked = checkWanted(context.policy, wanted);
  if (!checked.ok) return checked;
  const now = context.clock();
  const { isAutomatic, ...rest } = wanted;
  const { code, invitation } = newInvitation({ ...rest, approval: isAutomatic ? 'automatic-if-attested' : 'by-approver', createdBy: officer.name, now });
  const address = await context.store.write(async (rows) => {
    await addInvitation(rows, invitation, actor);
    return rows.setting('address');
  });
  if (address === undefined) throw new Error('The server runs and has no address.');
  const link = formatInvitation({ address, fingerprint: context.authority.fingerprint, code });
  return success({ invitation: invitationView(invitation, now), link });
}

/** Newest first. */
export async function listInvitations(context: Context, page: Page): Promise<{ readonly invitations: readonly InvitationView[]; readonly next: string | null }> {
  const now = context.clock();
  const { rows, next } = await context.store.read((reader) => reader.invitations(page));
  return { invitations: rows.map((invitation) => invitationView(invitation, now)), next };
}

/** Takes an invitation back; one that is over stays as it is. Fails with invitation-unknown, and not-allowed as {@link invite}. */
export async function endInvitation(context: Context, id: string, officer: Officer, actor: Actor): Promise<Result<InvitationView>> {
  const now = context.clock();
  return context.store.write(async (rows) => {
    const invitation = await rows.invitation(id);
    if (invitation === undefined || invitation.approval === 'renewal') return failed({ kind: 'invitation-unknown' });
    const allowed = checkRole(officer, invitation.role === 'user' ? 'approver' : 'owner');
    if (!allowed.ok) return allowed;
    if (!(await rows.endInvitation(id, now))) return success(invitationView(invitation, now));
    await record(rows, { event: 'invitation-ended', actor, at: now, subject: id, facts: { name: invitation.name } });
    return success(invitationView({ ...invitation, endedAt: now }, now));
  });
}

export interface FirstApprover {
  readonly name: string;
  readonly email: string;
}

/**
 * A code for the first approver, who will be the owner; null once there is somebody. Nothing keeps the code of an earlier
 * start, so every start makes another; the earlier ones stay good until one of them is used, because somebody may hold
 * the link already.
 */
export async function inviteFirstApprover(context: Context, person: FirstApprover | undefined): Promise<string | null> {
  const { store, policy, clock } = context;
  const now = clock();
  if ((await store.read((rows) => rows.officers(now))).length > 0) return null;
  const wanted = { ...(person ?? { name: '', email: '' }), role: 'owner', profile: policy.defaultProfile, approval: 'first-approver' } as const;
  const { code, invitation } = newInvitation({ ...wanted, days: policy.firstApproverInvitationDays, uses: 1, createdBy: AUTHORITY_ACTOR.name, now });
  await store.write((rows) => addInvitation(rows, invitation, AUTHORITY_ACTOR));
  return code;
}

/** Whether the code can still be used. Fails with invitation-ended, -used, -expired. */
export function checkUsable(invitation: StoredInvitation, now: Date): Result<void> {
  const state = stateOf(invitation, now);
  return state === 'open' ? success(undefined) : failed({ kind: `invitation-${state}` });
}

/** What an invitation is for. Fails with invitation-unknown, -ended, -used, -expired. */
export async function lookUpInvitation(context: Context, code: string): Promise<Result<InvitationFacts>> {
  const invitation = await context.store.read((rows) => rows.invitationByCode(hashSecret(code)));
  if (invitation === undefined) return failed({ kind: 'invitation-unknown' });
  const usable = checkUsable(invitation, context.clock());
  if (!usable.ok) return usable;
  const { name, email, role, expiresAt } = invitation;
  return success({ name, email, role, expiresAt });
}
