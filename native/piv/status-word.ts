/** Status words (ISO 7816-4, table 6; 73-4 part 2, table 2). */
export const SW = {
  OK: 0x9000,
  MORE_DATA: 0x6100, // low byte: bytes that wait
  VERIFY_FAILED: 0x63c0, // low nibble: attempts left
  WRONG_LENGTH: 0x6700,
  SECURITY_STATUS_NOT_SATISFIED: 0x6982,
  AUTHENTICATION_BLOCKED: 0x6983,
  CONDITIONS_NOT_SATISFIED: 0x6985,
  INCORRECT_DATA: 0x6a80,
  FUNCTION_NOT_SUPPORTED: 0x6a81,
  NOT_FOUND: 0x6a82,
  NOT_ENOUGH_MEMORY: 0x6a84,
  INCORRECT_P1_P2: 0x6a86,
  REFERENCE_NOT_FOUND: 0x6a88,
  WRONG_LE: 0x6c00,
  INSTRUCTION_NOT_SUPPORTED: 0x6d00,
  CLASS_NOT_SUPPORTED: 0x6e00,
  LAST_COMMAND_OF_CHAIN_EXPECTED: 0x6883,
  UNKNOWN: 0x6f00,
} as const;

/**
 * Attempts left by a status word: 63Cx, or 6983 for none; undefined for any other. Firmware before 1.0.4 answers 63xx,
 * with all of the last byte (yubikit/piv.py, _retries_from_sw).
 */
export function attemptsLeft(statusWord: number): number | undefined {
  if (statusWord === SW.AUTHENTICATION_BLOCKED) return 0;
  if ((statusWord & 0xfff0) === SW.VERIFY_FAILED) return statusWord & 0x0f;
  return (statusWord & 0xff00) === 0x6300 ? statusWord & 0xff : undefined;
}

/** "6982", for Details. */
export function formatStatusWord(statusWord: number): string {
  return statusWord.toString(16).toUpperCase().padStart(4, '0');
}
