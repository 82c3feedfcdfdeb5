/** `latchkey queue audit`: the newest lines of the CA's audit log. */
import { toWire } from '../../core/authority-api.ts';
import type { AuditPage } from '../../core/certificate-authority.ts';
import type { AuditEvent } from '../../core/requests/audit-event.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { signedIn } from '../queue-session.ts';

export interface AuditOptions extends KeyChoice {
  readonly search?: string;
  readonly limit: number;
}

/** `latchkey queue audit` */
export async function audit(context: CommandContext, options: AuditOptions): Promise<Outcome> {
  const query = { limit: options.limit, ...(options.search === undefined ? {} : { search: options.search }) };
  const page = await signedIn(context, options, (session) => session.audit(query));
  if (!page.ok) return page;
  const { events, verified } = page.value;
  return { ok: true, json: { events: toWire(events), verified: toWire(verified) }, text: [...events.map(lineOf), verifiedText(verified)].join('\n') };
}

function lineOf({ sequence, at, event, actor, subject, facts }: AuditEvent): string {
  const said = Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  return [String(sequence).padStart(6), at.toISOString().slice(0, 19), event, actor, subject, ...said].join('  ');
}

function verifiedText(verified: AuditPage['verified']): string {
  if (verified === null) return 'The log was not looked at as a whole yet.';
  const when = `${verified.at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return verified.isWhole ? `Whole when last looked at: ${verified.events} lines, ${when}.` : `NOT WHOLE when last looked at, ${when}. Tell the operator: latchkey ca audit verify`;
}
