/** What a submission would become: by which profile, under which names, with which role, and whether anybody has to look. */
import type { ClaimedFacts, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import type { Role } from '../../core/requests/roles.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { InspectedCsr } from '../../core/x509/csr-inspection.ts';
import { formatAlternativeName } from '../../core/x509/names.ts';
import type { StoredCertificate, StoredInvitation, StoreReader } from '../storage/store.ts';
import { checkAgainstPolicy } from './policy-check.ts';
import type { ProfilePolicy, Policy } from './policy.ts';
import { certifiedNames } from './renewal.ts';

/** Why it may be. */
export interface Grounds {
  readonly invitation: StoredInvitation | undefined;
  /** The certificate whose key proved that its holder asks again. */
  readonly renewed: StoredCertificate | undefined;
  /** Name of a profile that was asked for. */
  readonly wantedProfile: string | undefined;
}

export interface Terms {
  readonly profile: ProfilePolicy;
  readonly claimed: ClaimedFacts;
  readonly role: Role;
  /** null: an approver decides; otherwise what has approved it. */
  readonly approvedBy: 'Invitation' | 'Renewal' | null;
}

/** The certificate that is renewed. Fails with renewal-refused: it was revoked or held since its key proved it. */
export async function renewedCertificate(rows: StoreReader, serialNumber: string | null): Promise<Result<StoredCertificate | undefined>> {
  if (serialNumber === null) return success(undefined);
  const certificate = await rows.certificate(serialNumber);
  return certificate?.status === 'good' ? success(certificate) : failed({ kind: 'renewal-refused', reason: 'revoked' });
}

function profileFor(policy: Policy, { invitation, renewed, wantedProfile }: Grounds): Result<ProfilePolicy> {
  const given = invitation?.profile ?? renewed?.profile;
  const name = given ?? wantedProfile ?? policy.defaultProfile;
  const profile = policy.profiles.get(name);
  if (profile === undefined) return failed({ kind: 'profile-unknown', profile: name });
  if (wantedProfile !== undefined && wantedProfile !== name) {
    return failed({ kind: 'policy-violated', profile: wantedProfile, rule: 'isOpen', detail: `the invitation is for the profile ${name}` });
  }
  return profile.isOpen || given !== undefined ? success(profile) : failed({ kind: 'policy-violated', profile: name, rule: 'isOpen', detail: 'an invitation is needed' });
}

/** An invitation or a renewed certificate fixes name and e-mail; otherwise the CSR says them and the approver judges. */
function claimsOf(csr: InspectedCsr, { invitation, renewed }: Grounds): Result<ClaimedFacts> {
  const fixed = renewed ?? (invitation !== undefined && invitation.name !== '' ? invitation : undefined);
  const name = fixed?.name ?? csr.commonName;
  if (name === null) return failed({ kind: 'csr-name-refused', field: 'commonName' });
  const email = fixed === undefined ? csr.email : fixed.email === '' ? null : fixed.email;
  const otherNames = csr.otherNames.map(formatAlternativeName);
  const isInvited = invitation !== undefined && invitation.approval !== 'renewal';
  return success({ name, email, otherNames, invitedAs: isInvited ? { name, email: email ?? '', role: invitation.role } : null });
}

/** Only the very first owner is believed without proof that the key is genuine: there is nobody yet who could look. */
function approvedBy(profile: ProfilePolicy, verified: VerifiedFacts, { invitation, renewed }: Grounds): Terms['approvedBy'] {
  const isProven = verified.attestation !== null;
  if (renewed !== undefined) return profile.isRenewedAutomatically && (isProven || profile.attestation === 'not-asked') ? 'Renewal' : null;
  if (invitation?.approval === 'first-approver') return 'Invitation';
  const isTrusted = isProven || profile.attestation === 'not-asked';
  return invitation?.approval === 'automatic-if-attested' && profile.mayBeAutomatic && isTrusted ? 'Invitation' : null;
}

/** Fails with profile-unknown, policy-violated, csr-name-refused. */
export function termsOf(policy: Policy, csr: InspectedCsr, verified: VerifiedFacts, grounds: Grounds): Result<Terms> {
  const profile = profileFor(policy, grounds);
  if (!profile.ok) return profile;
  const claimed = claimsOf(csr, grounds);
  if (!claimed.ok) return claimed;
  const { invitation, renewed } = grounds;
  const role = renewed?.role ?? invitation?.role ?? 'user';
  const approved = approvedBy(profile.value, verified, grounds);
  // Nobody looks at a renewal: names that the old certificate does not have are not new ones now.
  const otherNames = approved === 'Renewal' && renewed ? claimed.value.otherNames.filter((name) => certifiedNames(renewed).includes(name)) : claimed.value.otherNames;
  const terms = { profile: profile.value, claimed: { ...claimed.value, otherNames }, role, approvedBy: approved };
  const allowed = checkAgainstPolicy(terms.profile, { verified, claimed: terms.claimed });
  return allowed.ok ? success(terms) : allowed;
}
