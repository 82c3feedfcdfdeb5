/** Key types a CA may have: the four that are offered, and what existing CAs bring along. */
export const AUTHORITY_KEY_TYPES = ['ECCP384', 'RSA4096', 'ECCP256', 'ED25519'] as const;
export type AuthorityKeyType = (typeof AUTHORITY_KEY_TYPES)[number];
