/** `latchkey queue certificates`, `revoke`, `hold`, `release` and `revoke-person`. */
import { toWire } from '../../core/authority-api.ts';
import type { Decision } from '../../core/requests/decision.ts';
import type { CertificateStatus, IssuedCertificate, RevocationReason } from '../../core/requests/issued-certificate.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import { CommandStopped, type Outcome } from '../failures.ts';
import { decideOne, signedIn } from '../queue-session.ts';

const LIST_LIMIT = 200;

export interface CertificatesOptions extends KeyChoice {
  readonly search?: string;
  readonly status?: CertificateStatus;
}

export interface RevokeOptions extends KeyChoice {
  readonly reason: RevocationReason;
}

/** `latchkey queue certificates` */
export async function certificates(context: CommandContext, options: CertificatesOptions): Promise<Outcome> {
  const { search, status } = options;
  const query = { limit: LIST_LIMIT, ...(search === undefined ? {} : { search }), ...(status === undefined ? {} : { status }) };
  const page = await signedIn(context, options, (session) => session.certificates(query));
  if (!page.ok) return page;
  const more = page.value.next === null ? [] : ['There are more: narrow them down with --search.'];
  return { ok: true, json: { certificates: toWire(page.value.certificates) }, text: [textOf(page.value.certificates), ...more].join('\n') };
}

/** `latchkey queue revoke SERIAL --reason REASON` */
export async function revoke(context: CommandContext, options: RevokeOptions, serial: string): Promise<Outcome> {
  return decided(context, options, { decision: 'revoke', serialNumber: wellFormed(serial), reason: options.reason });
}

/** `latchkey queue hold SERIAL` */
export async function hold(context: CommandContext, choice: KeyChoice, serial: string): Promise<Outcome> {
  return decided(context, choice, { decision: 'hold', serialNumber: wellFormed(serial) });
}

/** `latchkey queue release SERIAL` */
export async function release(context: CommandContext, choice: KeyChoice, serial: string): Promise<Outcome> {
  return decided(context, choice, { decision: 'release', serialNumber: wellFormed(serial) });
}

/** `latchkey queue revoke-person EMAIL` */
export async function revokePerson(context: CommandContext, options: RevokeOptions, email: string): Promise<Outcome> {
  return decided(context, options, { decision: 'revoke-person', email, reason: options.reason });
}

async function decided(context: CommandContext, choice: KeyChoice, decision: Decision): Promise<Outcome> {
  const outcome = await signedIn(context, choice, (session, sign) => decideOne(session, sign, decision));
  if (!outcome.ok) return outcome;
  return { ok: true, json: { certificates: toWire(outcome.value.certificates) }, text: textOf(outcome.value.certificates) };
}

/** Certificates, a line each. */
export function textOf(all: readonly IssuedCertificate[]): string {
  return all.length === 0 ? 'No certificates.' : all.map(certificateLine).join('\n');
}

function certificateLine({ serialNumber, status, role, profile, expiresAt, name, email }: IssuedCertificate): string {
  const who = `${name}${email === null ? '' : ` <${email}>`}`;
  return [serialNumber, status.padEnd(7), role.padEnd(8), profile, `until ${expiresAt.toISOString().slice(0, 10)}`, who].join('  ');
}

/** As openssl prints it too: upper case, with colons or without. */
export function wellFormed(serial: string): string {
  const digits = serial.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{2,40}$/.test(digits)) throw new CommandStopped({ kind: 'usage', detail: `"${serial}" is not the serial number of a certificate: hexadecimal digits.` });
  return digits;
}
