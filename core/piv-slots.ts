/** PIV's slots by the names people know them under: the key reference in hex (NIST SP 800-73-4 part 1, table 4b). */

/** Slots with a purpose: signing in, signing, key management (encryption), card authentication (doors). */
export const MAIN_SLOTS = ['9a', '9c', '9d', '9e'] as const;
/** The twenty retired key management slots, where an old key stays readable. */
export const RETIRED_SLOTS = ['82', '83', '84', '85', '86', '87', '88', '89', '8a', '8b', '8c', '8d', '8e', '8f', '90', '91', '92', '93', '94', '95'] as const;

/** All slots that may hold a person's key pair, in the order they are shown. The attestation slot f9 is not among them. */
export const PIV_SLOTS = [...MAIN_SLOTS, ...RETIRED_SLOTS] as const;

export type RetiredSlot = (typeof RETIRED_SLOTS)[number];
export type PivSlot = (typeof PIV_SLOTS)[number];

export function isRetired(slot: PivSlot): slot is RetiredSlot {
  return (RETIRED_SLOTS as readonly string[]).includes(slot);
}
