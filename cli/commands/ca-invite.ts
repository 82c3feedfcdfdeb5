import { createInvitation } from '../../ca/invite.ts';
import type { Role } from '../../core/requests/roles.ts';
import type { CommandContext } from '../command.ts';
import { databaseUrl, type DatabaseOptions } from '../database-place.ts';
import type { Outcome } from '../failures.ts';

export interface InviteOptions extends DatabaseOptions {
  readonly dir: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly profile?: string;
  readonly days: number;
  readonly uses: number;
  readonly automatic?: boolean;
  readonly address?: string;
}

/** `latchkey ca invite`: one link for one person, and for one key unless more are wanted. */
export async function invite(_: CommandContext, options: InviteOptions): Promise<Outcome> {
  const { name, email, role, uses, automatic = false, ...rest } = options;
  const created = await createInvitation({ ...rest, database: await databaseUrl(options), name, email, role, uses, isAutomatic: automatic });
  if (!created.ok) return created;
  const { link, expiresAt } = created.value;
  const howOften = uses === 1 ? 'once' : `${uses} times`;
  return {
    ok: true,
    json: { link, name, email, role, uses, expiresAt },
    text: `For ${name} <${email}>, ${howOften}, until ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC:\n${link}`,
  };
}
