/** Keys whose management key has each of its forms, as other programs and people leave them behind. */
import { pbkdf2Sync } from 'node:crypto';
import { fromHex, toHex } from '../../../core/bytes.ts';
import type { ManagementAccess } from '../../../core/security-key.ts';
import { FACTORY, OBJECT } from '../../../native/piv/identifiers.ts';
import { authenticate, randomManagementKey, setManagementKey } from '../../../native/piv/management-key.ts';
import { readManagementKeyMetadata } from '../../../native/piv/metadata.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { PivSession } from '../../../native/piv/session.ts';
import { encodeTlv, findTlv } from '../../../native/piv/tlv.ts';
import { readObject as readStored } from '../../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, openPiv, OWNER_PIN, ownedKey, value, type Model } from './direct-access.ts';

export const FORMS = ['factory', 'protected', 'derived', 'typed'] as const;
export type Form = (typeof FORMS)[number];

const SALT = fromHex('00112233445566778899aabbccddeeff');
export const FACTORY_HEX = toHex(FACTORY.MANAGEMENT_KEY);

/** A session with the PIN verified and the factory management key authenticated. */
export async function withFactoryKey(key: VirtualYubiKey, pin: string = OWNER_PIN): Promise<PivSession> {
  const session = await openPiv(key);
  value(await verifyPin(session, pin));
  const { algorithm } = value(await readManagementKeyMetadata(session));
  value(await authenticate(session, { algorithm, value: FACTORY.MANAGEMENT_KEY }));
  return session;
}

/** An owned key with its management key in this form, and what opens it. */
export async function keyOfForm(model: Model, form: Form): Promise<{ readonly key: VirtualYubiKey; readonly access: ManagementAccess }> {
  const key = await ownedKey(model);
  const access = { pin: OWNER_PIN };
  if (form === 'factory') return { key, access };
  if (form === 'protected') value(await directKey(key).protectManagementKey(OWNER_PIN));
  const session = form === 'protected' ? null : await withFactoryKey(key);
  if (session === null) return { key, access };
  const { algorithm } = value(await readManagementKeyMetadata(session));
  // ykman 4.0.9, _derive_key: PBKDF2-HMAC-SHA1, 10,000 rounds, 24 bytes.
  const managementKey = form === 'typed' ? randomManagementKey(algorithm).value : new Uint8Array(pbkdf2Sync(OWNER_PIN, SALT, 10_000, 24, 'sha1'));
  if (form === 'derived') value(await writeObject(session, OBJECT.ADMIN_DATA, encodeTlv(0x80, encodeTlv(0x81, Uint8Array.of(1)), encodeTlv(0x82, SALT))));
  value(await setManagementKey(session, { algorithm, value: managementKey }));
  key.reset();
  return { key, access: form === 'typed' ? { ...access, managementKey } : access };
}

/** The management key inside PRINTED, in hex, as the card remembers it. */
export function printedKey(key: VirtualYubiKey): string | undefined {
  const printed = readStored(key.exportState(), OBJECT.PRINTED);
  const inner = printed && findTlv(printed, 0x88);
  const stored = inner && findTlv(inner, 0x89);
  return stored && toHex(stored);
}

/** An object as the card remembers it, in hex. */
export function storedHex(key: VirtualYubiKey, object: number): string | undefined {
  const content = readStored(key.exportState(), object);
  return content && toHex(content);
}

/** PRINTED as it may be written: 88 { 89 key } and nothing else. */
export function isProtectedForm(content: Uint8Array): boolean {
  const key = findTlv(findTlv(content, 0x88) ?? new Uint8Array(), 0x89);
  return key !== undefined && [16, 24, 32].includes(key.length) && toHex(content) === toHex(encodeTlv(0x88, encodeTlv(0x89, key)));
}

