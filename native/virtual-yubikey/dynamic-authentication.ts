/** Tags inside the dynamic authentication template (73-4 part 2, table 7). */
export const AUTHENTICATION_TAG = {
  TEMPLATE: 0x7c,
  WITNESS: 0x80,
  CHALLENGE: 0x81,
  RESPONSE: 0x82,
  EXPONENTIATION: 0x85,
} as const;
