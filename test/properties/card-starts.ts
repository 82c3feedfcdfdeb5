/** Virtual YubiKeys of all firmware profiles, in states from which random commands go further than from the factory's. */
import { type Arbitrary, boolean, constantFrom, record } from 'fast-check';
import { concatBytes, fromHex, toBase64, toHex } from '../../core/bytes.ts';
import type { ManagementKeyAlgorithm } from '../../core/security-key.ts';
import { MANAGEMENT_KEY_ALGORITHM, OBJECT } from '../../native/piv/identifiers.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import { type FirmwareProfile, firmwareProfile } from '../../native/virtual-yubikey/firmware.ts';
import { padReferenceData } from '../../native/virtual-yubikey/reference-data.ts';
import { type StoredKey, type YubiKeyState, factoryState } from '../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { F9, PRIVATE_KEYS } from './fixed-material.ts';

/** Before attestation, before metadata, with all of 5.4, with all of 5.7, the FIPS series. */
const PROFILES = ['4.2.8', '4.3.7', '4.4.5 FIPS', '5.2.4', '5.2.4 FIPS', '5.3.0', '5.4.3', '5.4.3 FIPS', '5.7.1', '5.7.1 FIPS', '5.7.4'] as const;
const STARTS = ['factory', 'own PIN and PUK', 'in use', 'in use', 'last attempts', 'PIN blocked', 'both blocked'] as const;
export const SERIAL = 5_210_001;
/** What the owner chose, and another management key than the factory one, for every algorithm a part of it. */
export const [OWN_PIN, OWN_PUK] = ['97531864', '86429753'];
export const OWN_MANAGEMENT_KEY = Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index);

function startOf(profile: FirmwareProfile, start: (typeof STARTS)[number]): YubiKeyState {
  const state = factoryState(profile, SERIAL, 'usb-c-keychain');
  switch (start) {
    case 'factory':
      return state;
    case 'own PIN and PUK':
      return withOwnSecrets(state);
    case 'in use':
      return inUse(profile, state);
    case 'last attempts':
      return withAttempts(inUse(profile, state), 1, 1);
    case 'PIN blocked':
      return withAttempts(inUse(profile, state), 0, 2);
    case 'both blocked':
      return withAttempts(inUse(profile, state), 0, 0);
  }
}

function withAttempts(state: YubiKeyState, pin: number, puk: number): YubiKeyState {
  return { ...state, pin: { ...state.pin, attemptsLeft: pin }, puk: { ...state.puk, attemptsLeft: puk } };
}

function withOwnSecrets(state: YubiKeyState): YubiKeyState {
  return { ...state, pin: { ...state.pin, value: toHex(padReferenceData(OWN_PIN)) }, puk: { ...state.puk, value: toHex(padReferenceData(OWN_PUK)) } };
}

/** Own secrets, a protected management key, a key in every main slot with another PIN policy, certificates. */
function inUse(profile: FirmwareProfile, state: YubiKeyState): YubiKeyState {
  const algorithm: ManagementKeyAlgorithm = profile.factoryManagementKeyAlgorithm;
  const managementKey = OWN_MANAGEMENT_KEY.subarray(0, MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength);
  const key = (keyType: 'ECCP256' | 'ECCP384' | 'RSA2048', pinPolicy: StoredKey['pinPolicy'], origin: StoredKey['origin'] = 'generated'): StoredKey => ({
    ...{ keyType, origin, pinPolicy, touchPolicy: 'never' },
    privateKey: toBase64(PRIVATE_KEYS[keyType]),
  });
  const certificate = toBase64(concatBytes(encodeTlv(0x70, F9), encodeTlv(0x71, Uint8Array.of(0)), encodeTlv(0xfe)));
  return {
    ...withOwnSecrets(state),
    managementKey: { ...state.managementKey, value: toHex(managementKey) },
    keys: { ...state.keys, '9a': key('ECCP256', 'once'), '9c': key('ECCP384', 'always'), '9d': key('RSA2048', 'once', 'imported'), '9e': key('ECCP256', profile.allowsPinPolicyNever ? 'never' : 'once') },
    objects: {
      ...state.objects,
      [OBJECT.PRINTED.toString(16)]: toBase64(encodeTlv(0x88, encodeTlv(0x89, managementKey))),
      [OBJECT.ADMIN_DATA.toString(16)]: toBase64(fromHex('8003810102')),
      [OBJECT.AUTHENTICATION_CERTIFICATE.toString(16)]: certificate,
    },
  };
}

const OPTIONS: ReadonlyMap<string, VirtualYubiKeyOptions> = new Map(
  PROFILES.flatMap((name) =>
    STARTS.map((start) => {
      const [firmware = '', fips] = name.split(' ');
      const profile = firmwareProfile(firmware, fips !== undefined);
      // A touch that is never felt costs a millisecond.
      return [`${name}, ${start}`, { firmware, fips: fips !== undefined, serial: SERIAL, state: startOf(profile, start), touchTimeLimitMs: 1 }] as const;
    }),
  ),
);

export interface Start {
  /** Such as "5.4.3, in use". */
  readonly name: string;
  readonly isTouched: boolean;
  /** PIN and management key have been shown to the key. */
  readonly isOpened: boolean;
}

export const start: Arbitrary<Start> = record({ name: constantFrom(...OPTIONS.keys()), isTouched: constantFrom(true, true, true, false), isOpened: boolean() }, { noNullPrototype: true });

export function optionsOf({ name, isTouched }: Start): VirtualYubiKeyOptions {
  const options = OPTIONS.get(name);
  if (options === undefined) throw new RangeError(name);
  return { ...options, autoTouch: isTouched };
}
