/** Invitations as approvers write and see them. */
import type { Role } from './roles.ts';

export interface WantedInvitation {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  /** Name of a profile of the policy. */
  readonly profile: string;
  /** It can be used for so many days from now. */
  readonly days: number;
  /** How many keys can be enrolled with it. */
  readonly uses: number;
  /** Approved by itself where the attestation is verified; only where the profile's policy allows it. */
  readonly isAutomatic: boolean;
}

/** Who acts next: 'open' the invited person; nobody for the others. */
export type InvitationState = 'open' | 'used' | 'expired' | 'ended';

export interface InvitationView extends Omit<WantedInvitation, 'days'> {
  readonly id: string;
  readonly state: InvitationState;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly usesLeft: number;
}

/** `link`: "latchkey://enroll?ca=…&sha256=…&code=…". A secret, told this once. */
export interface CreatedInvitation {
  readonly invitation: InvitationView;
  readonly link: string;
}
