/** What slots hold, put there past every rule, as other programs and other times left it. */
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { concatBytes } from '../../core/bytes.ts';
import type { PivSlot } from '../../core/piv-slots.ts';
import { certificateObject, decodeCertificateObject } from '../../native/piv/certificates.ts';
import { keyReferenceOf } from '../../native/piv/identifiers.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import { readObject, writeKey, writeObject, type StoredKey, type YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, value } from '../native/piv/direct-access.ts';

export interface HeldKey extends Partial<Pick<StoredKey, 'origin' | 'pinPolicy' | 'touchPolicy'>> {
  readonly keyType?: 'ECCP256' | 'RSA2048';
}

/** A new key pair in a slot; answers its DER SubjectPublicKeyInfo. */
export function holdKey(state: YubiKeyState, slot: PivSlot, { keyType = 'ECCP256', ...wanted }: HeldKey = {}): Uint8Array {
  const { privateKey, publicKey } = makeKey(keyType);
  const privateBytes = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  writeKey(state, keyReferenceOf(slot), { keyType, origin: 'generated', pinPolicy: 'once', touchPolicy: 'never', ...wanted, privateKey: privateBytes });
  return new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
}

function makeKey(keyType: 'ECCP256' | 'RSA2048'): KeyPairKeyObjectResult {
  return keyType === 'RSA2048' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A DER certificate in a slot, whosever it is (73-4 part 1, table 10). */
export function holdCertificate(state: YubiKeyState, slot: PivSlot, certificate: Uint8Array): void {
  writeObject(state, certificateObject(keyReferenceOf(slot)), concatBytes(encodeTlv(0x70, certificate), encodeTlv(0x71, Uint8Array.of(0)), encodeTlv(0xfe)));
}

/** The DER certificate in a slot, as the key's memory has it. */
export function heldCertificate(state: YubiKeyState, slot: PivSlot): Uint8Array | undefined {
  const content = readObject(state, certificateObject(keyReferenceOf(slot)));
  return content && decodeCertificateObject(content);
}

/** The DER SubjectPublicKeyInfo of the key pair in 9a. */
export async function publicKeyOf(key: VirtualYubiKey): Promise<Uint8Array> {
  const { keyPair } = value(await directKey(key).facts()).authentication;
  if (keyPair === null) throw new Error('9a is empty');
  return keyPair.publicKey;
}
