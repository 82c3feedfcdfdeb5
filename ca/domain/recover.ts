/** The way back where every owner's key is lost: whoever runs the CA's machine invites a new owner. */
import type { StoredInvitation, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import { OPERATOR_ACTOR } from './context.ts';
import { addInvitation, type FirstApprover, newInvitation } from './invitations.ts';
import type { Policy } from './policy.ts';

/** A recovery is used at once, or made again. */
const RECOVERY_DAYS = 1;

/**
 * An invitation for a new owner that nobody has to approve, as for the very first one: nobody may be left who could. The
 * audit log says so for good. Certificates that are there already stay as they are.
 */
export async function recoverOwner(rows: StoreWriter, policy: Policy, person: FirstApprover, now: Date): Promise<{ readonly code: string; readonly invitation: StoredInvitation }> {
  const wanted = { ...person, role: 'owner', profile: policy.defaultProfile, approval: 'first-approver', days: RECOVERY_DAYS, uses: 1 } as const;
  const created = newInvitation({ ...wanted, createdBy: OPERATOR_ACTOR.name, now });
  const { id, name, email } = created.invitation;
  await record(rows, { event: 'owner-recovered', actor: OPERATOR_ACTOR, at: now, subject: email, facts: { name, invitation: id } });
  await addInvitation(rows, created.invitation, OPERATOR_ACTOR);
  return created;
}
