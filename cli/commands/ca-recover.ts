import { createRecovery } from '../../ca/invite.ts';
import type { CommandContext } from '../command.ts';
import { databaseUrl, type DatabaseOptions } from '../database-place.ts';
import type { Outcome } from '../failures.ts';

export interface RecoverOptions extends DatabaseOptions {
  readonly dir: string;
  readonly name: string;
  readonly email: string;
  readonly address?: string;
}

/** `latchkey ca recover`: a link for a new owner. */
export async function recover(_: CommandContext, options: RecoverOptions): Promise<Outcome> {
  const { dir, name, email, address } = options;
  const created = await createRecovery({ dir, name, email, database: await databaseUrl(options), ...(address === undefined ? {} : { address }) });
  if (!created.ok) return created;
  const { link, expiresAt } = created.value;
  const until = expiresAt.toISOString().slice(0, 16).replace('T', ' ');
  return {
    ok: true,
    json: { link, name, email, role: 'owner', expiresAt },
    text: `${name} <${email}> becomes an owner with it, once, until ${until} UTC. The audit log keeps that you made it:\n${link}`,
  };
}
