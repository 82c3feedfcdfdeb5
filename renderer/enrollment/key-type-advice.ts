/** What is to be said of a kind of secret on this firmware. */
import { isAtLeast, type EnrollableKeyType, type FirmwareVersion } from '../../core/security-key.ts';

export type KeyTypeWarning = 'ed25519' | 'eucleak' | 'roca';

/**
 * ECC before 5.7: side channel in the vendor's library (Yubico YSA-2024-03). RSA made by 4.2.6 to 4.3.4: weak primes
 * (YSA-2017-01). Ed25519: no browser offers it for client certificates.
 */
export function keyTypeWarning(keyType: EnrollableKeyType, firmware: FirmwareVersion): KeyTypeWarning | null {
  switch (keyType) {
    case 'ED25519':
      return 'ed25519';
    case 'ECCP256':
    case 'ECCP384':
      return isAtLeast(firmware, 5, 7) ? null : 'eucleak';
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return isAtLeast(firmware, 4, 2, 6) && !isAtLeast(firmware, 4, 3, 5) ? 'roca' : null;
  }
}
