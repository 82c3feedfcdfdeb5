/** Renewing: whoever holds the key of a good certificate gets a code that stands for an invitation to the same person. */
import { renewalMessage } from '../../core/authority-api.ts';
import type { RenewalCode } from '../../core/certificate-authority.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { formatAlternativeName, readAlternativeNames } from '../../core/x509/names.ts';
import { EXTENSION_OID } from '../../core/x509/object-identifiers.ts';
import type { StoredCertificate } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Actor, Context } from './context.ts';
import { newInvitation } from './invitations.ts';
import { checkKeyProof, type ChallengeAnswer } from './key-proof.ts';

/** Long enough for a new key pair and for finding the approver, too short to lie about. */
const CODE_DAYS = 1;

/** The alternative names in a certificate, as "kind:value"; none where it is not signed yet. */
export function certifiedNames({ certificate }: StoredCertificate): readonly string[] {
  const parsed = certificate === null ? undefined : parseCertificate(certificate);
  const extension = parsed?.extensions.find(({ extnID }) => extnID === EXTENSION_OID.subjectAltName);
  return extension === undefined ? [] : readAlternativeNames(extension).names.map(formatAlternativeName);
}

/**
 * A code for one new key of the same person, with the same role and profile; the old certificate stays valid. `asked`: the
 * stranger who asks. Fails with renewal-refused.
 */
export async function proveRenewal(context: Context, answer: ChallengeAnswer, asked: Actor): Promise<Result<RenewalCode>> {
  const proof = await checkKeyProof(context, answer, renewalMessage);
  if (!proof.isProven) return failed({ kind: 'renewal-refused', reason: proof.reason });
  const { name, email, role, profile, serialNumber } = proof.certificate;
  const now = context.clock();
  const wanted = { name, email: email ?? '', role: role ?? 'user', profile, approval: 'renewal', days: CODE_DAYS, uses: 1, createdBy: name, now } as const;
  const { code, invitation } = newInvitation({ ...wanted, renewsSerialNumber: serialNumber });
  await context.store.write(async (rows) => {
    await rows.addInvitation(invitation);
    await record(rows, { event: 'renewal-proven', actor: { ...asked, name, serialNumber }, at: now, subject: serialNumber, facts: { invitation: invitation.id } });
  });
  return success({ code, expiresAt: invitation.expiresAt });
}
