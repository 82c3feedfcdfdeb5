/**
 * The security key as the rest of the product sees it: what can be known of it, and what can be asked of it.
 * native/security-key.ts does it; electron/ carries the same calls to the device process.
 */
import type { Failure } from './failures.ts';
import type { PivSlot, RetiredSlot } from './piv-slots.ts';
import type { Result } from './result.ts';

/** Firmware version of a YubiKey: 5.4.3 is `{ major: 5, minor: 4, patch: 3 }`. */
export interface FirmwareVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Whether `version` is `major.minor.patch` or later. */
export function isAtLeast(version: FirmwareVersion, major: number, minor = 0, patch = 0): boolean {
  if (version.major !== major) return version.major > major;
  if (version.minor !== minor) return version.minor > minor;
  return version.patch >= patch;
}

/** "5.4.3". */
export function formatFirmware(version: FirmwareVersion): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}

/** The inverse of {@link formatFirmware}; undefined for anything else. */
export function parseFirmware(text: string): FirmwareVersion | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

/** Key types under the names ykman and yubico-piv-tool use. */
export const KEY_TYPES = ['ECCP256', 'ECCP384', 'RSA2048', 'RSA3072', 'RSA4096', 'ED25519', 'X25519', 'RSA1024'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** Key types that a person's certificate in slot 9a may have (X25519 cannot sign, RSA-1024 is weak). */
export const ENROLLABLE_KEY_TYPES = ['ECCP256', 'ECCP384', 'RSA2048', 'RSA3072', 'RSA4096', 'ED25519'] as const satisfies readonly KeyType[];
export type EnrollableKeyType = (typeof ENROLLABLE_KEY_TYPES)[number];

/** Whether a YubiKey of this firmware can generate such a key (5.7 adds RSA-3072, RSA-4096, Ed25519 and X25519). */
export function supportsKeyType(firmware: FirmwareVersion, keyType: KeyType): boolean {
  switch (keyType) {
    case 'ECCP256':
    case 'RSA2048':
    case 'RSA1024':
      return true;
    case 'ECCP384':
      return isAtLeast(firmware, 4);
    case 'RSA3072':
    case 'RSA4096':
    case 'ED25519':
    case 'X25519':
      return isAtLeast(firmware, 5, 7);
  }
}

export type PinPolicy = 'never' | 'once' | 'always' | 'match-once' | 'match-always';
/** Policies a person's key pair in 9a may be made with; those of a YubiKey Bio are not among them. */
export const ENROLLABLE_PIN_POLICIES = ['once', 'always', 'never'] as const satisfies readonly PinPolicy[];
export type EnrollablePinPolicy = (typeof ENROLLABLE_PIN_POLICIES)[number];
export type TouchPolicy = 'never' | 'always' | 'cached';
export type ManagementKeyAlgorithm = '3DES' | 'AES-128' | 'AES-192' | 'AES-256';
export type FormFactor = 'usb-a-keychain' | 'usb-a-nano' | 'usb-c-keychain' | 'usb-c-nano' | 'usb-c-lightning' | 'usb-a-bio' | 'usb-c-bio';

/** What a PIN or PUK is known to be, without trying any value. */
export interface ReferenceDataFacts {
  /** Still the factory value? null: firmware before 5.3 does not tell, and it is never found out by trying. */
  readonly isFactory: boolean | null;
  /** Attempts left before it blocks; null where the firmware does not tell without an attempt (PUK before 5.3). */
  readonly attemptsLeft: number | null;
  readonly attemptsTotal: number | null;
}

export interface ManagementKeyFacts {
  readonly algorithm: ManagementKeyAlgorithm;
  readonly isFactory: boolean | null;
  /** ADMIN DATA (5FFF00) says that the key is stored in PRINTED (5FC109), readable with the PIN. */
  readonly isPinProtected: boolean;
  /** ADMIN DATA holds a salt: another program (ykman before 4.0) computes the key from the PIN. */
  readonly isPinDerived: boolean;
}

/** The key pair in a PIV slot. */
export interface KeyPairFacts {
  readonly keyType: KeyType;
  /** null: the firmware does not tell. */
  readonly origin: 'generated' | 'imported' | null;
  readonly pinPolicy: PinPolicy | null;
  readonly touchPolicy: TouchPolicy | null;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}

/** What a PIV slot holds. */
export interface PivSlotFacts {
  /** null: empty, or (before 5.3, an imported key) not to be known. */
  readonly keyPair: KeyPairFacts | null;
  /** DER certificate, inflated where the card holds it compressed; null: none. */
  readonly certificate: Uint8Array | null;
  /** Whether the certificate is for the key pair; null: one of them is missing, not to be known, or unreadable. */
  readonly fits: boolean | null;
}

/** One slot of the inventory. */
export interface HeldSlot extends PivSlotFacts {
  readonly slot: PivSlot;
  /** The key's statement about the key pair and f9's certificate; null: imported, empty, or none to be had. */
  readonly attestation: Attestation | null;
}

/** Everything a glance at the key tells; reading it costs no attempt and needs no PIN. */
export interface SecurityKeyFacts {
  readonly readerName: string;
  /** null: the firmware does not tell (YubiKey 4 over PIV). */
  readonly serial: number | null;
  readonly firmware: FirmwareVersion;
  /** Marketing name as far as it can be told, such as "YubiKey 5C Nano". */
  readonly model: string;
  readonly formFactor: FormFactor | null;
  readonly isFips: boolean;
  /** The device says that it refuses trivial PINs and PUKs (firmware 5.7; always so on FIPS keys of 5.7). */
  readonly demandsComplexPin: boolean;
  readonly pin: ReferenceDataFacts;
  readonly puk: ReferenceDataFacts;
  readonly managementKey: ManagementKeyFacts;
  /** Slot 9a. */
  readonly authentication: PivSlotFacts;
  /** Where the key of 9a was moved to by a call of retireKey that was cut off after it: what is left in 9a is a copy. null: nowhere. */
  readonly movedTo: RetiredSlot | null;
}

/** What is in the readers right now; the window always shows one of these. */
export type SecurityKeysSituation =
  | { readonly kind: 'starting' }
  /** pcscd is not running, or access is denied, or the device process has ended: `failure` says which. */
  | { readonly kind: 'unavailable'; readonly failure: Failure }
  | { readonly kind: 'present'; readonly keys: readonly PresentSecurityKey[] };

/** A reader that holds a card; an empty `keys` list is "plug in your key". */
export type PresentSecurityKey =
  | { readonly kind: 'reading'; readonly readerName: string }
  | { readonly kind: 'ready'; readonly readerName: string; readonly facts: SecurityKeyFacts }
  | { readonly kind: 'problem'; readonly readerName: string; readonly failure: Failure };

/** Attestation as the key gives it: DER certificates. */
export interface Attestation {
  /** The statement for the key in the slot. */
  readonly statement: Uint8Array;
  /** The certificate in slot f9 that signed it. */
  readonly intermediate: Uint8Array;
}

/** The last proof: what a browser will do with the key, done once with the same module. */
export interface KeyProof {
  /** 'pkcs11': through the user's module. 'piv': there is none, or it has no mechanism for this key (Ed25519 with OpenSC before 0.27.1), so the signature was made with PIV commands. */
  readonly through: 'pkcs11' | 'piv';
  /** Path and version of the module; null with 'piv'. */
  readonly module: { readonly path: string; readonly version: string } | null;
  /** A challenge was signed with the key and verified with the certificate's public key. */
  readonly signed: true;
}

/** What opens the settings of the key. The PIN is verified first, whichever way the management key is known. */
export interface ManagementAccess {
  readonly pin: string;
  /** A management key that only the person has; absent: the factory one, the one stored on the key, or the one derived from the PIN. */
  readonly managementKey?: Uint8Array | undefined;
}

/** What the key reports while a call runs. */
export interface KeyActivity {
  /** The key blinks and waits for a finger; ends with the call. */
  readonly kind: 'waiting-for-touch';
}

/**
 * One security key, found again by its serial (by its reader where it has none) at every call.
 * Every call is one card transaction, or one PKCS#11 login, and holds nothing afterwards. Every call may fail with
 * security-key-removed, security-key-busy, security-key-unresponsive, card-error and the reader failures.
 * PINs and PUKs are 6 to 8 characters (bytes in UTF-8); a value that breaks a rule fails with pin-invalid before it
 * reaches the card, and costs no attempt.
 */
export interface SecurityKey {
  facts(): Promise<Result<SecurityKeyFacts>>;
  /** Fails with pin-wrong, pin-blocked. */
  verifyPin(pin: string): Promise<Result<void>>;
  /**
   * A management key that was derived from the old PIN is brought into the PIN-protected form first, so that it stays known.
   * Fails with pin-wrong, pin-blocked, pin-invalid, printed-object-in-use.
   */
  changePin(currentPin: string, newPin: string): Promise<Result<void>>;
  /** Fails with puk-wrong, puk-blocked, pin-invalid. */
  changePuk(currentPuk: string, newPuk: string): Promise<Result<void>>;
  /** Fails with puk-wrong, puk-blocked, pin-invalid. */
  unblockPin(puk: string, newPin: string): Promise<Result<void>>;
  /**
   * Replaces a factory management key, or one derived from the PIN, by a random one of the same algorithm, PIN-protected in the
   * form ykman reads; finishes the job where an earlier run was cut off. Does nothing where it is so already.
   * Fails with pin-wrong, pin-blocked, management-key-unknown, printed-object-in-use, fips-not-ready (PIN or PUK is the
   * factory value).
   */
  protectManagementKey(pin: string): Promise<Result<void>>;
  /**
   * Replaces the management key, whatever form it has, by a new random one in the PIN-protected form; cut off anywhere,
   * the key stays known and the next call finishes the job. Fails with pin-wrong, pin-blocked, management-key-unknown,
   * management-key-malformed, printed-object-in-use, fips-not-ready, touch-timeout (a management key that wants a touch).
   */
  rotateManagementKey(access: ManagementAccess): Promise<Result<void>>;
  /**
   * Sets how many wrong entries block PIN and PUK (1 to 255 each), which makes both factory values again, and sets the
   * new ones at once. Cut off, the same call goes on, but for the very last command: where only its answer was lost, PIN,
   * PUK and attempts are as wanted, and the old PIN is a wrong one.
   * Fails with pin-wrong, pin-blocked, pin-invalid, management-key-unknown, attempts-invalid.
   */
  setRetries(wanted: ManagementAccess & { readonly pinAttempts: number; readonly pukAttempts: number; readonly newPin: string; readonly newPuk: string }): Promise<Result<void>>;
  /**
   * Empties the PIV application: blocks PIN and PUK itself, as the firmware demands, then resets. Every key, certificate
   * and object is gone but f9. `serial`: what the person typed; fails with serial-mismatch before anything is touched.
   * Asked again after it was cut off, it goes on.
   */
  reset(serial: number | null): Promise<Result<void>>;
  /** All slots that hold something, in the order of PIV_SLOTS, each with its attestation. Needs no PIN; some 50 commands. */
  inventory(): Promise<Result<readonly HeldSlot[]>>;
  /**
   * Moves key and certificate of 9a to the first empty retired slot (firmware 5.7), where signing in with it goes on to
   * be possible; goes on where it was cut off. Answers the slot. Fails with move-unsupported, no-retired-slot-free,
   * slot-empty, management-key-unknown.
   */
  retireKey(access: ManagementAccess): Promise<Result<RetiredSlot>>;
  /** Deletes a certificate; the key pair stays. Fails with management-key-unknown, slot-empty. */
  deleteCertificate(slot: PivSlot, access: ManagementAccess): Promise<Result<void>>;
  /** Generates in slot 9a; answers the DER SubjectPublicKeyInfo. Fails with key-type-unsupported, management-key-unknown, policy-refused, fips-not-ready. */
  generateKey(options: { readonly pin: string; readonly keyType: KeyType; readonly pinPolicy: PinPolicy; readonly touchPolicy: TouchPolicy }): Promise<Result<Uint8Array>>;
  /** Statement for a slot, 9a unless told. Fails with attestation-unavailable (imported key, or no f9 certificate). */
  attest(slot?: PivSlot): Promise<Result<Attestation>>;
  /**
   * Signs `message` with 9a: ECDSA with SHA-256 (P-256) or SHA-384 (P-384) as DER ECDSA-Sig-Value, RSA PKCS#1 v1.5 with
   * SHA-256, or Ed25519. `onActivity` hears of a touch that is wanted. Fails with pin-wrong, pin-blocked, touch-timeout, slot-empty.
   */
  sign(pin: string, message: Uint8Array, onActivity?: (activity: KeyActivity) => void): Promise<Result<Uint8Array>>;
  /**
   * Writes a DER certificate to slot 9a with a new CHUID and reads it back.
   * Fails with certificate-unfit (public key), management-key-unknown, pin-wrong.
   */
  writeCertificate(pin: string, certificate: Uint8Array): Promise<Result<void>>;
  /** See {@link KeyProof}: a fresh module, certificate and key found, login, a challenge signed and verified. Fails with proof-failed, module-failed, module-crashed, pin-wrong. */
  prove(pin: string, certificate: Uint8Array, onActivity?: (activity: KeyActivity) => void): Promise<Result<KeyProof>>;
}

/** A path, 'none', or 'automatic'. */
export type ModuleChoice = string;

/** A PKCS#11 module that was found or set. */
export interface ModuleFacts {
  readonly path: string;
  /** 'OpenSC', 'ykcs11'; null: another. */
  readonly name: string | null;
  /** What it tells of itself (C_GetInfo), such as "OpenSC smartcard framework 0.23"; null: it could not be loaded, and `failure` says why. */
  readonly version: string | null;
  readonly failure: Failure | null;
}

export interface ModulesFacts {
  readonly choice: ModuleChoice;
  /** Best first. */
  readonly found: readonly ModuleFacts[];
  /** Path of the one that is used; null: none. */
  readonly used: string | null;
  /**
   * Why that one: the person's choice, the environment's, the browser's usual one (OpenSC before ykcs11), the only one,
   * none there, or the chosen one is not there any more.
   */
  readonly reason: 'chosen' | 'environment' | 'usual' | 'only' | 'none-found' | 'none-chosen' | 'chosen-missing';
}

/** All keys of this computer. */
export interface SecurityKeys {
  /** Calls back with the situation at once and at every change; the returned function ends it. */
  watch(listener: (situation: SecurityKeysSituation) => void): () => void;
  /** A key by the name of its reader as last seen. Every call on it fails with security-key-removed once it is gone. */
  at(readerName: string): SecurityKey;
  /** Reads every key anew: for a computer that was asleep, and for "Try again". */
  refresh(): void;
  /** Asks a program that keeps keys from us to let them go, where there is a gentle way (GnuPG's scdaemon). Fails with holder-not-releasable. */
  releaseHolder(): Promise<Result<void>>;
  /** The PKCS#11 modules of this computer, and which one is used. */
  modules(): Promise<Result<ModulesFacts>>;
  /** From now on this module is used: a path, 'none' (PIV commands alone), or 'automatic' (the best of this computer). */
  chooseModule(choice: ModuleChoice): Promise<Result<ModulesFacts>>;
  /** Ends everything that runs and lets the readers go. */
  close(): Promise<void>;
}
