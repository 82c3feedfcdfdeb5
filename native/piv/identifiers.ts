/**
 * Numbers of the PIV card application. "73-4" is NIST SP 800-73-4, part 2 (commands) and part 1 (objects); "Yubico" is
 * https://docs.yubico.com/yesdk/users-manual/application-piv/commands.html; "78-4" is NIST SP 800-78-4.
 */
import type { PivSlot } from '../../core/piv-slots.ts';
import type { KeyType, ManagementKeyAlgorithm, PinPolicy, TouchPolicy } from '../../core/security-key.ts';

/** Application identifiers for SELECT. */
export const AID = {
  /** 73-4 part 1, 2.2: the right-truncated PIV AID. */
  PIV: Uint8Array.of(0xa0, 0x00, 0x00, 0x03, 0x08),
  /** Yubico: the management application, which tells form factor and serial. */
  MANAGEMENT: Uint8Array.of(0xa0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17),
} as const;

/** Instruction bytes. */
export const INS = {
  SELECT: 0xa4, // 73-4 part 2, 3.1.1
  GET_DATA: 0xcb, // 73-4 part 2, 3.1.2
  VERIFY: 0x20, // 73-4 part 2, 3.2.1
  CHANGE_REFERENCE_DATA: 0x24, // 73-4 part 2, 3.2.2
  RESET_RETRY_COUNTER: 0x2c, // 73-4 part 2, 3.2.3
  GENERAL_AUTHENTICATE: 0x87, // 73-4 part 2, 3.2.4
  PUT_DATA: 0xdb, // 73-4 part 2, 3.3.1
  GENERATE_ASYMMETRIC: 0x47, // 73-4 part 2, 3.3.2
  GET_RESPONSE: 0xc0, // ISO 7816-4, 7.6.1
  MOVE_KEY: 0xf6, // Yubico, firmware 5.7; P1 FF deletes
  GET_METADATA: 0xf7, // Yubico, firmware 5.3
  GET_SERIAL: 0xf8, // Yubico, firmware 5.0
  ATTEST: 0xf9, // Yubico, firmware 4.3
  SET_RETRIES: 0xfa, // Yubico
  RESET: 0xfb, // Yubico
  GET_VERSION: 0xfd, // Yubico
  IMPORT_KEY: 0xfe, // Yubico
  SET_MANAGEMENT_KEY: 0xff, // Yubico
} as const;

/** Key references (P2), 73-4 part 1, table 4b, and Yubico's f9. */
export const KEY_REFERENCE = {
  PIN: 0x80,
  PUK: 0x81,
  AUTHENTICATION: 0x9a,
  MANAGEMENT: 0x9b,
  SIGNATURE: 0x9c,
  KEY_MANAGEMENT: 0x9d,
  CARD_AUTHENTICATION: 0x9e,
  RETIRED_FIRST: 0x82,
  RETIRED_LAST: 0x95,
  ATTESTATION: 0xf9,
} as const;

/** The key reference of a slot: slots are named by it, in hex. */
export function keyReferenceOf(slot: PivSlot): number {
  return Number.parseInt(slot, 16);
}

/** Data objects (73-4 part 1, table 3) and Yubico's. */
export const OBJECT = {
  CHUID: 0x5fc102,
  AUTHENTICATION_CERTIFICATE: 0x5fc105,
  /** Printed Information; ykman keeps the protected management key here. Never written in any other form. */
  PRINTED: 0x5fc109,
  SIGNATURE_CERTIFICATE: 0x5fc10a,
  KEY_MANAGEMENT_CERTIFICATE: 0x5fc10b,
  CARD_AUTHENTICATION_CERTIFICATE: 0x5fc101,
  CCC: 0x5fc107,
  KEY_HISTORY: 0x5fc10c,
  DISCOVERY: 0x7e,
  RETIRED_FIRST_CERTIFICATE: 0x5fc10d,
  RETIRED_LAST_CERTIFICATE: 0x5fc120,
  /** Yubico: ADMIN DATA, flags and times of PIN-protected management keys. */
  ADMIN_DATA: 0x5fff00,
  /** Yubico: certificate of slot f9. */
  ATTESTATION_CERTIFICATE: 0x5fff01,
  /** Ours, while the management key is being replaced; see rotation-object.ts. 5FFF16 to 5FFFFF are nobody's (SDK users manual, PIV data objects). */
  ROTATION: 0x5fff4c,
} as const;

/** Algorithm identifiers for asymmetric keys: 78-4 table 6-2; RSA-3072, RSA-4096, Ed25519 and X25519 are Yubico's (5.7). */
export const KEY_ALGORITHM: Readonly<Record<KeyType, number>> = {
  RSA1024: 0x06,
  RSA2048: 0x07,
  RSA3072: 0x05,
  RSA4096: 0x16,
  ECCP256: 0x11,
  ECCP384: 0x14,
  ED25519: 0xe0,
  X25519: 0xe1,
};

/** Algorithm identifiers of the management key (78-4, table 6-2), with its length in bytes and its block length. */
export const MANAGEMENT_KEY_ALGORITHM: Readonly<Record<ManagementKeyAlgorithm, { readonly id: number; readonly keyLength: number; readonly blockLength: number }>> = {
  '3DES': { id: 0x03, keyLength: 24, blockLength: 8 },
  'AES-128': { id: 0x08, keyLength: 16, blockLength: 16 },
  'AES-192': { id: 0x0a, keyLength: 24, blockLength: 16 },
  'AES-256': { id: 0x0c, keyLength: 32, blockLength: 16 },
};

/** Policy bytes (Yubico; 4 and 5 on YubiKey Bio). 0 asks for the slot's default. */
export const PIN_POLICY: Readonly<Record<PinPolicy, number>> = { never: 1, once: 2, always: 3, 'match-once': 4, 'match-always': 5 };
export const TOUCH_POLICY: Readonly<Record<TouchPolicy, number>> = { never: 1, always: 2, cached: 3 };

/** Factory values (Yubico). The management key is the same for 3DES and AES-192. */
export const FACTORY = {
  PIN: '123456',
  PUK: '12345678',
  MANAGEMENT_KEY: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8),
  PIN_ATTEMPTS: 3,
  PUK_ATTEMPTS: 3,
} as const;

/** Tags of GET METADATA's answer (Yubico). */
export const METADATA_TAG = { ALGORITHM: 0x01, POLICY: 0x02, ORIGIN: 0x03, PUBLIC_KEY: 0x04, IS_FACTORY: 0x05, ATTEMPTS: 0x06 } as const;
