import type { FirmwareVersion, KeyType, ManagementKeyAlgorithm, PinPolicy } from '../../core/security-key.ts';
import { isAtLeast, parseFirmware, supportsKeyType } from '../../core/security-key.ts';
import { KEY_REFERENCE } from '../piv/identifiers.ts';

/**
 * What a YubiKey of one firmware can do. Sources: Yubico's .NET SDK users manual (application-piv: commands,
 * pin-puk-mgmt-key, pin-touch-policies, attestation) and yubikit's version checks.
 */
export interface FirmwareProfile {
  readonly version: FirmwareVersion;
  readonly isFips: boolean;
  readonly hasAttestation: boolean;
  /** INS F8, and the serial in attestation statements. */
  readonly tellsSerial: boolean;
  readonly hasMetadata: boolean;
  readonly hasMoveKey: boolean;
  readonly hasCachedTouch: boolean;
  /** The management application answers READ CONFIG with form factor, version and enabled applications. */
  readonly tellsDeviceInfo: boolean;
  readonly managementKeyAlgorithms: readonly ManagementKeyAlgorithm[];
  readonly factoryManagementKeyAlgorithm: ManagementKeyAlgorithm;
  /** Trivial PINs and PUKs are refused (FIPS keys of 5.7 and later). */
  readonly demandsComplexPin: boolean;
  /** Characters of a new PIN or PUK; FIPS keys of 5.7 take nothing shorter than 8 (Yubico, FIPS 140-3 changes). */
  readonly minPinLength: number;
  /** No key is made or taken before PIN, PUK and management key are the owner's; see approved-mode.ts. */
  readonly demandsApprovedMode: boolean;
  /** From 5.7 on a PIN or PUK is 6 to 8 code points, so only single-byte characters fit. */
  readonly demandsAscii: boolean;
  readonly allowsPinPolicyNever: boolean;
  allowsKeyType(keyType: KeyType): boolean;
  /** What policy byte 0 means in `slot`. */
  defaultPinPolicy(slot: number): PinPolicy;
}

/** The profile of `firmware`, such as "5.4.3". Throws RangeError for what is no version. */
export function firmwareProfile(firmware: FirmwareVersion | string, isFips = false): FirmwareProfile {
  const version = typeof firmware === 'string' ? parseFirmware(firmware) : firmware;
  if (!version) throw new RangeError(`${JSON.stringify(firmware)} is no firmware version`);
  const since = (major: number, minor: number, patch = 0): boolean => isAtLeast(version, major, minor, patch);
  // Yubico enforces FIPS rules in the YubiKey FIPS (4 Series, firmware 4.4) and in 5 FIPS from 5.7.1 on.
  const hasFipsRules = isFips && (version.major === 4 || since(5, 7));
  return {
    version,
    isFips,
    hasAttestation: since(4, 3),
    tellsSerial: since(5, 0),
    hasMetadata: since(5, 3),
    hasMoveKey: since(5, 7),
    hasCachedTouch: since(4, 3),
    tellsDeviceInfo: since(5, 0),
    managementKeyAlgorithms: managementKeyAlgorithms(since(5, 4, 2), hasFipsRules && since(5, 7)),
    factoryManagementKeyAlgorithm: since(5, 7) ? 'AES-192' : '3DES',
    demandsComplexPin: isFips && since(5, 7),
    minPinLength: isFips && since(5, 7) ? 8 : 6,
    demandsApprovedMode: isFips && since(5, 7),
    demandsAscii: since(5, 7),
    allowsPinPolicyNever: !hasFipsRules,
    allowsKeyType: (keyType) => supportsKeyType(version, keyType) && !(hasFipsRules && (keyType === 'RSA1024' || keyType === 'X25519')),
    defaultPinPolicy: (slot) => {
      if (slot === KEY_REFERENCE.SIGNATURE) return 'always';
      return slot === KEY_REFERENCE.CARD_AUTHENTICATION && !hasFipsRules ? 'never' : 'once';
    },
  };
}

function managementKeyAlgorithms(hasAes: boolean, isAesOnly: boolean): readonly ManagementKeyAlgorithm[] {
  const aes = ['AES-128', 'AES-192', 'AES-256'] as const;
  if (isAesOnly) return aes;
  return hasAes ? ['3DES', ...aes] : ['3DES'];
}
