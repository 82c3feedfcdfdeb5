import { equalBytes, fromHex } from '../../core/bytes.ts';
import { FACTORY } from '../piv/identifiers.ts';
import type { Card } from './card.ts';
import { padReferenceData } from './reference-data.ts';

/**
 * Whether a FIPS key of firmware 5.7 is in its approved mode: PIN, PUK and management key are the owner's, PIN and PUK have
 * eight characters, which no new value escapes, and the management key is an AES one, which no other can be (Yubico,
 * YubiKey technical manual, "FIPS 140-3 changes", PIV). Any other key needs no such mode.
 */
export function isInApprovedMode({ firmware, state }: Card): boolean {
  if (!firmware.demandsApprovedMode) return true;
  const isFactory = (hex: string, value: Uint8Array): boolean => equalBytes(fromHex(hex), value);
  return (
    !isFactory(state.pin.value, padReferenceData(FACTORY.PIN)) &&
    !isFactory(state.puk.value, padReferenceData(FACTORY.PUK)) &&
    !isFactory(state.managementKey.value, FACTORY.MANAGEMENT_KEY)
  );
}
