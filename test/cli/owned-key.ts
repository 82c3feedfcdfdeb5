import type { PivSlot } from '../../core/piv-slots.ts';
import type { KeyType } from '../../core/security-key.ts';
import { slotName, type YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, value } from '../native/piv/direct-access.ts';
import { testCertificate } from '../native/piv/test-certificate.ts';

/** Secrets of the keys below; no output of any command may hold one. */
export const OWN = { pin: '246813', puk: '86421357', newPin: '975310', newPuk: '31415926', wrongPin: '000111', wrongPuk: '11100022' } as const;
/** Of no key from a shop, and on no key: as another program sets it. 24 bytes. */
export const UNKNOWN_MANAGEMENT_KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718';

export type OwnedKeyOptions = Partial<VirtualYubiKeyOptions> & { readonly name?: string; readonly keyType?: KeyType };

/** A key in use: PIN and PUK of its own, management key protected by the PIN, key pair and certificate in 9a. */
export async function ownedKey(serial: number, { name = 'Ana Example', keyType = 'ECCP256', ...options }: OwnedKeyOptions = {}): Promise<VirtualYubiKey> {
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial, ...options });
  const direct = directKey(key);
  value(await direct.changePin('123456', OWN.pin));
  value(await direct.changePuk('12345678', OWN.puk));
  value(await direct.protectManagementKey(OWN.pin));
  const publicKey = value(await direct.generateKey({ pin: OWN.pin, keyType, pinPolicy: 'once', touchPolicy: 'never' }));
  value(await direct.writeCertificate(OWN.pin, testCertificate(publicKey, { name })));
  key.reset();
  return key;
}

/** The same key with what `change` does to its memory. */
export function changed(key: VirtualYubiKey, change: (state: YubiKeyState) => void): VirtualYubiKey {
  const state = key.exportState();
  change(state);
  return new VirtualYubiKey({ firmware: key.firmware, serial: key.serial, fips: state.fips, state });
}

/** A key whose management key was set by another program, which left it nowhere on the key. */
export function withUnknownManagementKey(key: VirtualYubiKey): VirtualYubiKey {
  return changed(key, (state) => {
    state.managementKey.value = UNKNOWN_MANAGEMENT_KEY;
    delete state.objects['5fc109'];
    delete state.objects['5fff00'];
  });
}

/** What a key remembers of its PIN or PUK: the value without padding, and the attempts left. */
export function referenceDataOf(key: VirtualYubiKey, which: 'pin' | 'puk'): { readonly value: string; readonly left: number } {
  const { value: padded, attemptsLeft } = key.exportState()[which];
  return { value: Buffer.from(padded, 'hex').toString('latin1').replaceAll('\xff', ''), left: attemptsLeft };
}

/** Key type in a slot; undefined: none. */
export function keyTypeIn(key: VirtualYubiKey, slot: PivSlot): KeyType | undefined {
  return key.exportState().keys[slotName(Number.parseInt(slot, 16))]?.keyType;
}
