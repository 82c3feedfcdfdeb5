import { createInvitation } from '../../ca/invite.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import type { InviteOptions } from '../program.ts';

/** `latchkey ca invite`: one link for one person and one key. */
export async function invite(_: CommandContext, options: InviteOptions): Promise<Outcome> {
  const { dir, name, email, role, days, address } = options;
  const created = await createInvitation({ dir, name, email, role, days, ...(address === undefined ? {} : { address }) });
  if (!created.ok) return created;
  const { link, expiresAt } = created.value;
  return {
    ok: true,
    json: { link, name, email, role, expiresAt },
    text: `For ${name} <${email}>, once, until ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC:\n${link}`,
  };
}
