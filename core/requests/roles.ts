/** What the holder of a certificate may do at the CA, from least to most; each may do what those before it may. */
export const ROLES = ['user', 'auditor', 'approver', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Roles of people who can sign in: auditors read, approvers decide and invite, owners give and take roles. */
export const OFFICER_ROLES = ['auditor', 'approver', 'owner'] as const satisfies readonly Role[];
export type OfficerRole = (typeof OFFICER_ROLES)[number];

/** Whether `role` may do what `wanted` may. */
export function isAtLeast(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}
