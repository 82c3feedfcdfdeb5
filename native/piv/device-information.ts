/** What the YubiKey's management application tells of the device (Yubico, READ CONFIG; firmware 4.1, more of it from 5 on). */
import { readFormFactor } from '../../core/form-factor.ts';
import { success, type Result } from '../../core/result.ts';
import { isAtLeast, type FirmwareVersion, type FormFactor } from '../../core/security-key.ts';
import type { CardConnection } from './connection.ts';
import { AID } from './identifiers.ts';
import { CardSession, selectApplication } from './session.ts';
import { SW } from './status-word.ts';
import { decodeTlvs } from './tlv.ts';

const INS_READ_CONFIG = 0x1d;
/** Tags of the answer, which begins with its length in one byte. */
const TAG = { SERIAL: 0x02, FORM_FACTOR: 0x04, NFC_SUPPORTED: 0x0d, FIPS_CAPABLE: 0x14, PIN_COMPLEXITY: 0x16 } as const;

export interface DeviceInformation {
  /** A YubiKey 4 tells it here and not over PIV. */
  readonly serial: number | null;
  readonly formFactor: FormFactor | null;
  readonly hasNfc: boolean;
  readonly isFips: boolean;
  /** Trivial PINs are refused (firmware 5.7). */
  readonly demandsComplexPin: boolean;
}

const UNKNOWN: DeviceInformation = { serial: null, formFactor: null, hasNfc: false, isFips: false, demandsComplexPin: false };

/**
 * Selects the management application, which deselects PIV and ends what was verified there, and reads the device's
 * shape. A device without it, or an older one, is no failure: then all of it is unknown.
 */
export async function readDeviceInformation(connection: CardConnection): Promise<Result<DeviceInformation>> {
  const session = new CardSession(connection);
  const selected = await selectApplication(session, AID.MANAGEMENT);
  if (!selected.ok) return selected;
  if (!selected.value) return success(UNKNOWN);
  const answer = await session.send({ ins: INS_READ_CONFIG });
  if (!answer.ok) return answer;
  const { data, statusWord } = answer.value;
  return success(statusWord === SW.OK ? decodeDeviceInformation(data) : UNKNOWN);
}

/** Decodes READ CONFIG's answer. */
export function decodeDeviceInformation(data: Uint8Array): DeviceInformation {
  const fields = data[0] === data.length - 1 ? decodeTlvs(data.subarray(1)) : undefined;
  if (!fields) return UNKNOWN;
  const byTag = new Map(fields.map((field) => [field.tag, field.value]));
  const shape = readFormFactor(byTag.get(TAG.FORM_FACTOR)?.[0] ?? 0);
  const serial = byTag.get(TAG.SERIAL);
  return {
    serial: serial?.length === 4 ? new DataView(serial.buffer, serial.byteOffset, 4).getUint32(0) : null,
    formFactor: shape.formFactor,
    hasNfc: isNotZero(byTag.get(TAG.NFC_SUPPORTED)),
    isFips: shape.isFips || isNotZero(byTag.get(TAG.FIPS_CAPABLE)),
    demandsComplexPin: isNotZero(byTag.get(TAG.PIN_COMPLEXITY)),
  };
}

function isNotZero(value: Uint8Array | undefined): boolean {
  return value?.some((byte) => byte !== 0) ?? false;
}

/** Names of the 5 series, without and with NFC. */
const SERIES_5: Readonly<Record<FormFactor, readonly [string, string]>> = {
  'usb-a-keychain': ['YubiKey 5A', 'YubiKey 5 NFC'],
  'usb-a-nano': ['YubiKey 5 Nano', 'YubiKey 5 Nano'],
  'usb-c-keychain': ['YubiKey 5C', 'YubiKey 5C NFC'],
  'usb-c-nano': ['YubiKey 5C Nano', 'YubiKey 5C Nano'],
  'usb-c-lightning': ['YubiKey 5Ci', 'YubiKey 5Ci'],
  'usb-a-bio': ['YubiKey Bio', 'YubiKey Bio'],
  'usb-c-bio': ['YubiKey C Bio', 'YubiKey C Bio'],
};

/** The name on the package, as far as it can be told. */
export function modelName(firmware: FirmwareVersion, device: DeviceInformation): string {
  if (!isAtLeast(firmware, 4)) return 'YubiKey NEO';
  if (!isAtLeast(firmware, 5)) return isFipsSeries4(firmware) ? 'YubiKey FIPS' : 'YubiKey 4';
  const name = device.formFactor ? SERIES_5[device.formFactor][device.hasNfc ? 1 : 0] : 'YubiKey 5';
  return device.isFips ? `${name} FIPS` : name;
}

/** Firmware 4.4 was made for the YubiKey FIPS alone. */
export function isFipsSeries4(firmware: FirmwareVersion): boolean {
  return firmware.major === 4 && firmware.minor === 4;
}
