/** `latchkey queue invite`, `invitations`, `end-invitation`, `officers` and `set-role`. */
import { toWire } from '../../core/authority-api.ts';
import type { InvitationView } from '../../core/requests/invitation-view.ts';
import { ROLES, type Role } from '../../core/requests/roles.ts';
import { failed } from '../../core/result.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import { CommandStopped, type Outcome } from '../failures.ts';
import { signedIn } from '../queue-session.ts';
import { textOf, wellFormed } from './queue-certificates.ts';

const LIST_LIMIT = 200;

export interface InviteOptions extends KeyChoice {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly profile?: string;
  readonly days: number;
  readonly uses: number;
  readonly automatic?: boolean;
}

export interface InvitationsOptions extends KeyChoice {
  readonly search?: string;
}

/** `latchkey queue invite`: for the CA's default profile unless another is named. */
export async function invite(context: CommandContext, options: InviteOptions): Promise<Outcome> {
  const { name, email, role, days, uses, automatic = false } = options;
  const created = await signedIn(context, options, async (session) => {
    const profiles = options.profile === undefined ? await session.profiles() : null;
    if (profiles?.ok === false) return profiles;
    const profile = options.profile ?? profiles?.value[0]?.name;
    if (profile === undefined) return failed({ kind: 'profile-unknown', profile: '' });
    return session.invite({ name, email, role, profile, days, uses, isAutomatic: automatic });
  });
  if (!created.ok) return created;
  const { invitation, link } = created.value;
  return { ok: true, json: { invitation: toWire(invitation), link }, text: `${lineOf(invitation)}\n${link}` };
}

/** `latchkey queue invitations` */
export async function invitations(context: CommandContext, options: InvitationsOptions): Promise<Outcome> {
  const query = { limit: LIST_LIMIT, ...(options.search === undefined ? {} : { search: options.search }) };
  const page = await signedIn(context, options, (session) => session.invitations(query));
  if (!page.ok) return page;
  const all = page.value.invitations;
  return { ok: true, json: { invitations: toWire(all) }, text: all.length === 0 ? 'No invitations.' : all.map(lineOf).join('\n') };
}

/** `latchkey queue end-invitation ID` */
export async function endInvitation(context: CommandContext, choice: KeyChoice, id: string): Promise<Outcome> {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new CommandStopped({ kind: 'usage', detail: `"${id}" is not the number of an invitation: 32 hexadecimal digits.` });
  const ended = await signedIn(context, choice, (session) => session.endInvitation(id));
  return ended.ok ? { ok: true, json: { invitation: toWire(ended.value) }, text: lineOf(ended.value) } : ended;
}

/** `latchkey queue officers` */
export async function officers(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  const all = await signedIn(context, choice, (session) => session.officers());
  return all.ok ? { ok: true, json: { officers: toWire(all.value) }, text: textOf(all.value) } : all;
}

/** `latchkey queue set-role SERIAL ROLE`; 'user' takes the role away. */
export async function setRole(context: CommandContext, choice: KeyChoice, [serial = '', given = '']: readonly string[]): Promise<Outcome> {
  const serialNumber = wellFormed(serial);
  const role = ROLES.find((one) => one === given);
  if (role === undefined) throw new CommandStopped({ kind: 'usage', detail: `The role is one of: ${ROLES.join(', ')}.` });
  const changed = await signedIn(context, choice, (session) => session.setRole(serialNumber, role));
  return changed.ok ? { ok: true, json: { certificate: toWire(changed.value) }, text: textOf([changed.value]) } : changed;
}

function lineOf({ id, state, role, profile, usesLeft, uses, expiresAt, name, email }: InvitationView): string {
  return [id, state.padEnd(7), role.padEnd(8), profile, `${usesLeft} of ${uses} left`, `until ${expiresAt.toISOString().slice(0, 10)}`, `${name} <${email}>`].join('  ');
}
