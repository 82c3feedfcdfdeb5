/** What a CA wants to find in a CSR, for EST clients that ask before they make one (RFC 8951, section 3.5: CsrAttrs). */
import { equalBytes } from '../bytes.ts';
import { ENROLLABLE_KEY_TYPES, type EnrollableKeyType } from '../security-key.ts';
import { DerProblem, DerReader, onlyElement, TAG } from './der-reading.ts';
import { derElement, derNumber, objectIdentifier } from './der-writing.ts';
import { sequence } from './der.ts';
import { CURVE_OID, KEY_OID } from './object-identifiers.ts';

const SET_TAG = 0x31;

function wantedKey(keyType: EnrollableKeyType): Uint8Array {
  switch (keyType) {
    case 'ECCP256':
      return sequence(objectIdentifier(KEY_OID.ecPublicKey), derElement(SET_TAG, objectIdentifier(CURVE_OID.p256)));
    case 'ECCP384':
      return sequence(objectIdentifier(KEY_OID.ecPublicKey), derElement(SET_TAG, objectIdentifier(CURVE_OID.p384)));
    case 'ED25519':
      return objectIdentifier(KEY_OID.ed25519);
    case 'RSA2048':
    case 'RSA3072':
    case 'RSA4096':
      return sequence(objectIdentifier(KEY_OID.rsaEncryption), derElement(SET_TAG, derNumber(Number(keyType.slice(3)))));
  }
}

/** DER CsrAttrs that names the first of these key types, which a client is free to leave; RFC 8951 has no way to offer several. */
export function csrAttributes(keyTypes: readonly EnrollableKeyType[]): Uint8Array<ArrayBuffer> {
  const [first] = keyTypes;
  return first === undefined ? sequence() : sequence(wantedKey(first));
}

/** The type of key that DER CsrAttrs of any server ask for; undefined: none that keys here can be of. */
export function keyTypeInAttributes(der: Uint8Array): EnrollableKeyType | undefined {
  try {
    const attributes = new DerReader(onlyElement(der, TAG.sequence).content);
    while (!attributes.isAtEnd) {
      const attribute = attributes.optional(TAG.sequence) ?? attributes.next(TAG.objectIdentifier);
      const wanted = ENROLLABLE_KEY_TYPES.find((keyType) => equalBytes(wantedKey(keyType), attribute.whole));
      if (wanted !== undefined) return wanted;
    }
    return undefined;
  } catch (error) {
    if (error instanceof DerProblem) return undefined;
    throw error;
  }
}
