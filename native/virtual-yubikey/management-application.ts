import { concatBytes } from '../../core/bytes.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import { encodeTlv } from '../piv/tlv.ts';
import { isInApprovedMode } from './approved-mode.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { formFactorByte } from './form-factor.ts';
import { serialBytes } from './get-serial.ts';

/** READ CONFIG of Yubico's management application. */
const READ_CONFIG = 0x1d;

/** Tags of device info (yubikit, management). */
const TAG = { USB_SUPPORTED: 0x01, SERIAL: 0x02, USB_ENABLED: 0x03, FORM_FACTOR: 0x04, VERSION: 0x05, CONFIG_LOCKED: 0x0a, FIPS_CAPABLE: 0x14, FIPS_APPROVED: 0x15, PIN_COMPLEXITY: 0x16 } as const;
/** Applications of a YubiKey 5 as bits: OTP, U2F, OpenPGP, PIV, OATH, FIDO2, YubiHSM Auth. */
const ALL_APPLICATIONS = 0x033f & ~0x04;
const PIV = 0x10;

/** The management application: tells what the key is. All applications but PIV are switched off, as an owner can do. */
export function answerAsManagement(card: Card, command: ReceivedCommand): Response {
  if (command.ins !== READ_CONFIG) return refuse(SW.INSTRUCTION_NOT_SUPPORTED);
  if (command.p1 !== 0 || command.p2 !== 0) return refuse(SW.INCORRECT_P1_P2);
  const info = deviceInfo(card);
  return answer(concatBytes(Uint8Array.of(info.length), info));
}

function deviceInfo(card: Card): Uint8Array {
  const { firmware, state } = card;
  const { version } = firmware;
  const word = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);
  const basics = [encodeTlv(TAG.USB_SUPPORTED, firmware.tellsDeviceInfo ? word(ALL_APPLICATIONS) : Uint8Array.of(ALL_APPLICATIONS & 0x3f)), encodeTlv(TAG.SERIAL, serialBytes(state.serial))];
  // A YubiKey 4 tells no more than this (yubikit: the version comes from SELECT then).
  if (!firmware.tellsDeviceInfo) return concatBytes(...basics, encodeTlv(TAG.CONFIG_LOCKED, Uint8Array.of(0)));
  const isFips57 = firmware.isFips && firmware.demandsComplexPin;
  return concatBytes(
    ...basics,
    encodeTlv(TAG.USB_ENABLED, word(PIV)),
    encodeTlv(TAG.FORM_FACTOR, Uint8Array.of(formFactorByte(state.formFactor, firmware.isFips))),
    encodeTlv(TAG.VERSION, Uint8Array.of(version.major, version.minor, version.patch)),
    encodeTlv(TAG.CONFIG_LOCKED, Uint8Array.of(0)),
    ...(isFips57 ? [encodeTlv(TAG.FIPS_CAPABLE, word(PIV)), encodeTlv(TAG.FIPS_APPROVED, word(isInApprovedMode(card) ? PIV : 0)), encodeTlv(TAG.PIN_COMPLEXITY, Uint8Array.of(1))] : []),
  );
}
