import type { KeyType, TouchPolicy } from '../../core/security-key.ts';
import { KEY_ALGORITHM, KEY_REFERENCE, PIN_POLICY, TOUCH_POLICY } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { decodeTlvs } from '../piv/tlv.ts';
import type { Card } from './card.ts';
import type { StoredKey } from './state.ts';

/** Tags of the policies in INS 47 and FE (Yubico). */
const PIN_POLICY_TAG = 0xaa;
const TOUCH_POLICY_TAG = 0xab;

/** The policies a key is made with. */
export type KeyPolicies = Pick<StoredKey, 'pinPolicy' | 'touchPolicy'>;

/** Whether `keyReference` names a slot that can hold a key pair: 9a, 9c, 9d, 9e, 82 to 95, f9. */
export function isKeySlot(keyReference: number): boolean {
  const { AUTHENTICATION, SIGNATURE, KEY_MANAGEMENT, CARD_AUTHENTICATION, ATTESTATION } = KEY_REFERENCE;
  if (keyReference >= KEY_REFERENCE.RETIRED_FIRST && keyReference <= KEY_REFERENCE.RETIRED_LAST) return true;
  return [AUTHENTICATION, SIGNATURE, KEY_MANAGEMENT, CARD_AUTHENTICATION, ATTESTATION].some((slot) => slot === keyReference);
}

/** The key type behind an algorithm byte, if this firmware has it. */
export function keyTypeOf(card: Card, algorithm: number | undefined): KeyType | undefined {
  const keyType = (Object.keys(KEY_ALGORITHM) as KeyType[]).find((candidate) => KEY_ALGORITHM[candidate] === algorithm);
  return keyType && card.firmware.allowsKeyType(keyType) ? keyType : undefined;
}

/** The policies that `parameters` ask for, with the slot's defaults; undefined where this firmware refuses them. */
export function readPolicies(card: Card, slot: number, parameters: Uint8Array): KeyPolicies | undefined {
  const objects = decodeTlvs(parameters);
  if (!objects) return undefined;
  const byteOf = (tag: number): number => {
    const value = objects.find((object) => object.tag === tag)?.value;
    return value === undefined ? 0 : value.length === 1 ? (value[0] ?? -1) : -1;
  };
  const pinPolicy = pinPolicyOf(card, slot, byteOf(PIN_POLICY_TAG));
  const touchPolicy = touchPolicyOf(card, byteOf(TOUCH_POLICY_TAG));
  return pinPolicy && touchPolicy ? { pinPolicy, touchPolicy } : undefined;
}

function pinPolicyOf(card: Card, slot: number, byte: number): KeyPolicies['pinPolicy'] | undefined {
  const policy = byte === 0 ? card.firmware.defaultPinPolicy(slot) : (['never', 'once', 'always'] as const).find((name) => PIN_POLICY[name] === byte);
  if (policy === undefined || policy === 'match-once' || policy === 'match-always') return undefined;
  return policy === 'never' && !card.firmware.allowsPinPolicyNever ? undefined : policy;
}

function touchPolicyOf(card: Card, byte: number): TouchPolicy | undefined {
  if (byte === 0) return 'never';
  const policy = (['never', 'always', 'cached'] as const).find((name) => TOUCH_POLICY[name] === byte);
  return policy === 'cached' && !card.firmware.hasCachedTouch ? undefined : policy;
}

/** Whether the PIN policy lets the key be used now: 6982 without, undefined with it. Uses up a PIN given for one operation. */
export function refusalByPinPolicy(card: Card, policies: KeyPolicies): number | undefined {
  const { session } = card;
  const isAllowed = policies.pinPolicy === 'never' || (policies.pinPolicy === 'once' ? session.isPinVerified : session.isPinFresh);
  session.isPinFresh = false;
  return isAllowed ? undefined : SW.SECURITY_STATUS_NOT_SATISFIED;
}
