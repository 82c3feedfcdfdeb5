/** Officers: people whose certificates let them sign in, and giving and taking such roles. */
import type { IssuedCertificate } from '../../core/requests/issued-certificate.ts';
import { isAtLeast, type OfficerRole, type Role } from '../../core/requests/roles.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredCertificate, StoreReader } from '../storage/store.ts';
import { record } from './audit.ts';
import { certificateView } from './certificate-view.ts';
import type { Actor, Context } from './context.ts';

/** Somebody who is signed in. */
export interface Officer {
  readonly name: string;
  readonly email: string | null;
  readonly role: OfficerRole;
  /** Of the certificate that signed in, lower-case hex. */
  readonly serialNumber: string;
  readonly publicKeySha256: string;
}

/** Whoever holds this certificate, where it has a role to sign in with. */
export function officerFrom(certificate: StoredCertificate): Officer | undefined {
  const { name, email, role, serialNumber, publicKeySha256 } = certificate;
  return role === null || role === 'user' ? undefined : { name, email, role, serialNumber, publicKeySha256 };
}

/** Fails with not-allowed where an officer's role is below `wanted`. */
export function checkRole(officer: Officer, wanted: OfficerRole): Result<void> {
  return isAtLeast(officer.role, wanted) ? success(undefined) : failed({ kind: 'not-allowed', wanted });
}

/** Everybody who can sign in. */
export async function listOfficers(context: Context): Promise<readonly IssuedCertificate[]> {
  const now = context.clock();
  const officers = await context.store.read((rows) => rows.officers(now));
  return officers.filter(({ certificate }) => certificate !== null).map(certificateView);
}

async function isLastOwner(rows: StoreReader, serialNumber: string, now: Date): Promise<boolean> {
  const owners = (await rows.officers(now)).filter(({ role }) => role === 'owner');
  return owners.length === 1 && owners[0]?.serialNumber === serialNumber;
}

/**
 * Gives a certificate another role; the sessions it has open end. Fails with certificate-unknown (also for the CA's own,
 * which no person holds), certificate-revoked, last-owner.
 */
export async function setRole(context: Context, serialNumber: string, role: Role, actor: Actor): Promise<Result<IssuedCertificate>> {
  const now = context.clock();
  return context.store.write(async (rows) => {
    const certificate = await rows.certificate(serialNumber);
    if (!certificate?.certificate || certificate.requestId === null) return failed({ kind: 'certificate-unknown' });
    if (certificate.status === 'revoked') return failed({ kind: 'certificate-revoked' });
    if (certificate.role === role) return success(certificateView(certificate));
    if (role !== 'owner' && (await isLastOwner(rows, serialNumber, now))) return failed({ kind: 'last-owner' });
    await rows.setRole(serialNumber, role);
    await rows.removeSessionsOf(serialNumber);
    await record(rows, { event: 'role-changed', actor, at: now, subject: serialNumber, facts: { name: certificate.name, was: certificate.role, role } });
    return success(certificateView({ ...certificate, role }));
  });
}
