import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { fromBase64, toBase64, toHex } from '../../core/bytes.ts';
import { formatFirmware, KEY_TYPES } from '../../core/security-key.ts';
import type { FormFactor, KeyType, PinPolicy, TouchPolicy } from '../../core/security-key.ts';
import { FACTORY, KEY_REFERENCE, OBJECT } from '../piv/identifiers.ts';
import type { FirmwareProfile } from './firmware.ts';
import { padReferenceData } from './reference-data.ts';
import { testAttestationCertificate, testAttestationPrivateKey } from './test-attestation-root.ts';

const referenceData = z.object({ /** 8 bytes, padded with FF, as hex. */ value: z.string(), attemptsLeft: z.number(), attemptsTotal: z.number() });

const storedKey = z.object({
  keyType: z.enum(KEY_TYPES),
  origin: z.enum(['generated', 'imported']),
  pinPolicy: z.enum(['never', 'once', 'always']),
  touchPolicy: z.enum(['never', 'always', 'cached']),
  /** DER PKCS#8, as base64. */
  privateKey: z.string(),
});

const yubiKeyState = z.object({
  format: z.literal('latchkey-virtual-yubikey-1'),
  serial: z.number(),
  firmware: z.string(),
  fips: z.boolean(),
  formFactor: z.enum(['usb-a-keychain', 'usb-a-nano', 'usb-c-keychain', 'usb-c-nano', 'usb-c-lightning', 'usb-a-bio', 'usb-c-bio']),
  pin: referenceData,
  puk: referenceData,
  managementKey: z.object({ algorithm: z.enum(['3DES', 'AES-128', 'AES-192', 'AES-256']), value: z.string(), touchPolicy: z.enum(['never', 'always', 'cached']) }),
  /** By key reference in hex, such as "9a". */
  keys: z.record(z.string(), storedKey),
  /** By object tag in hex, such as "5fc105": the value inside tag 53, as base64. */
  objects: z.record(z.string(), z.string()),
});

/** Everything a YubiKey's PIV application remembers without power. It is plain JSON, so it can live in a file. */
export type YubiKeyState = z.infer<typeof yubiKeyState>;
export type StoredKey = z.infer<typeof storedKey>;
export type StoredReferenceData = z.infer<typeof referenceData>;

/** A key as it leaves the factory: factory PIN, PUK and management key, and an attestation key in f9. */
export function factoryState(firmware: FirmwareProfile, serial: number, formFactor: FormFactor): YubiKeyState {
  const state: YubiKeyState = {
    format: 'latchkey-virtual-yubikey-1',
    serial,
    firmware: formatFirmware(firmware.version),
    fips: firmware.isFips,
    formFactor,
    ...factorySecrets(firmware),
    keys: {},
    objects: {},
  };
  if (!firmware.hasAttestation) return state;
  // Yubico's own attestation keys are loaded, not generated: metadata says "imported" (SDK users manual, get metadata).
  const f9 = { keyType: 'RSA2048', origin: 'imported', pinPolicy: 'once', touchPolicy: 'never', privateKey: toBase64(testAttestationPrivateKey) } as const;
  state.keys[slotName(KEY_REFERENCE.ATTESTATION)] = f9;
  writeObject(state, OBJECT.ATTESTATION_CERTIFICATE, testAttestationCertificate(firmware.version));
  return state;
}

/** PIN, PUK and management key as from the factory. */
export function factorySecrets(firmware: FirmwareProfile): Pick<YubiKeyState, 'pin' | 'puk' | 'managementKey'> {
  const encode = (text: string): string => toHex(padReferenceData(text));
  return {
    pin: { value: encode(FACTORY.PIN), attemptsLeft: FACTORY.PIN_ATTEMPTS, attemptsTotal: FACTORY.PIN_ATTEMPTS },
    puk: { value: encode(FACTORY.PUK), attemptsLeft: FACTORY.PUK_ATTEMPTS, attemptsTotal: FACTORY.PUK_ATTEMPTS },
    managementKey: { algorithm: firmware.factoryManagementKeyAlgorithm, value: toHex(FACTORY.MANAGEMENT_KEY), touchPolicy: 'never' },
  };
}

/** "9a": how a slot is named in `keys`. */
export function slotName(keyReference: number): string {
  return keyReference.toString(16).padStart(2, '0');
}

/** The key pair in a slot. */
export function readKey(state: YubiKeyState, keyReference: number): StoredKey | undefined {
  return state.keys[slotName(keyReference)];
}

/** Puts a key pair into a slot, over whatever was there. */
export function writeKey(
  state: YubiKeyState,
  keyReference: number,
  key: { readonly keyType: KeyType; readonly origin: StoredKey['origin']; readonly pinPolicy: PinPolicy; readonly touchPolicy: TouchPolicy; readonly privateKey: Uint8Array },
): void {
  if (key.pinPolicy === 'match-once' || key.pinPolicy === 'match-always') throw new Error('Only a YubiKey Bio matches fingerprints');
  state.keys[slotName(keyReference)] = { ...key, pinPolicy: key.pinPolicy, privateKey: toBase64(key.privateKey) };
}

/** The value of a data object. */
export function readObject(state: YubiKeyState, tag: number): Uint8Array | undefined {
  const stored = state.objects[tag.toString(16)];
  return stored === undefined ? undefined : fromBase64(stored);
}

/** Writes a data object; an empty value deletes it. */
export function writeObject(state: YubiKeyState, tag: number, value: Uint8Array): void {
  if (value.length === 0) delete state.objects[tag.toString(16)];
  else state.objects[tag.toString(16)] = toBase64(value);
}

/** Reads a state file; undefined where there is none. Throws for a file that holds something else. */
export function loadState(path: string): YubiKeyState | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return yubiKeyState.parse(JSON.parse(text));
}

/** Replaces a state file at once, readable by its owner only: it stands for a chip's memory and holds its secrets. */
export function saveState(path: string, json: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, json, { mode: 0o600 });
  renameSync(temporary, path);
}
