/** From a profile of the policy to what its certificates have in common. */
import { PERSON_PROFILE, SERVER_PROFILE, type CertificateProfile } from '../../core/x509/profile.ts';
import type { ProfilePolicy } from './policy.ts';

/** People and devices prove who connects (clientAuth), servers whom one is connected to (serverAuth). */
export function certificateProfile(profile: ProfilePolicy): CertificateProfile {
  const kind = profile.kind === 'server' ? SERVER_PROFILE : PERSON_PROFILE;
  return { ...kind, validDays: Math.min(profile.validDays, profile.maxValidDays) };
}
