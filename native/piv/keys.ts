/** GENERATE ASYMMETRIC KEY PAIR: NIST SP 800-73-4 part 2, section 3.3.2, with Yubico's policies. */
import type { Failure } from '../../core/failures.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { formatFirmware, isAtLeast, supportsKeyType, type FirmwareVersion, type KeyType, type PinPolicy, type TouchPolicy } from '../../core/security-key.ts';
import { isOutsideApprovedMode } from './approved-mode.ts';
import { KEY_ALGORITHM, PIN_POLICY, TOUCH_POLICY } from './identifiers.ts';
import { publicKeyFromPiv } from './public-keys.ts';
import type { PivSession } from './session.ts';
import { SW } from './status-word.ts';
import { encodeTlv, findTlv } from './tlv.ts';

/** 73-4 part 2, table 10: control reference template and algorithm; AA and AB are Yubico's. */
const TAG = { TEMPLATE: 0xac, ALGORITHM: 0x80, PIN_POLICY: 0xaa, TOUCH_POLICY: 0xab, PUBLIC_KEY: 0x7f49 } as const;

/** Whether the firmware can, and should, generate such a key. */
export function canGenerate(firmware: FirmwareVersion, keyType: KeyType): boolean {
  // YSA-2017-01 (ROCA): RSA keys made by firmware 4.2.6 to 4.3.4 can be factored.
  const isRocaAffected = isAtLeast(firmware, 4, 2) && !isAtLeast(firmware, 4, 3, 5);
  return supportsKeyType(firmware, keyType) && !(isRocaAffected && keyType.startsWith('RSA'));
}

/**
 * Generates a key pair in `slot`, replacing what is there, and answers its DER SubjectPublicKeyInfo. Needs the
 * management key. Fails with key-type-unsupported, policy-refused, fips-not-ready.
 */
export async function generateKeyPair(
  session: PivSession,
  slot: number,
  options: { readonly keyType: KeyType; readonly pinPolicy: PinPolicy; readonly touchPolicy: TouchPolicy },
): Promise<Result<Uint8Array>> {
  const { keyType, pinPolicy, touchPolicy } = options;
  if (!canGenerate(session.firmware, keyType)) {
    return failed({ kind: 'key-type-unsupported', keyType, firmware: formatFirmware(session.firmware) });
  }
  // Yubico: cached touch came with 4.3.
  if (touchPolicy === 'cached' && !isAtLeast(session.firmware, 4, 3)) return failed({ kind: 'policy-refused', problem: 'touch-cached-too-old' });
  const template = encodeTlv(
    TAG.TEMPLATE,
    encodeTlv(TAG.ALGORITHM, Uint8Array.of(KEY_ALGORITHM[keyType])),
    encodeTlv(TAG.PIN_POLICY, Uint8Array.of(PIN_POLICY[pinPolicy])),
    encodeTlv(TAG.TOUCH_POLICY, Uint8Array.of(TOUCH_POLICY[touchPolicy])),
  );
  const answer = await session.ask('GENERATE_ASYMMETRIC', { p2: slot, data: template });
  if (!answer.ok) return explainRefusal(session, options, answer);
  const encoded = findTlv(answer.value, TAG.PUBLIC_KEY);
  const publicKey = encoded && publicKeyFromPiv(keyType, encoded);
  return publicKey ? success(publicKey) : failed({ kind: 'security-key-unresponsive', detail: 'the generated public key cannot be read' });
}

/** What a FIPS key does not make; every other key of the firmware does (Yubico, FIPS 140-3 changes; YubiKey FIPS, firmware 4.4). */
const NOT_FIPS: readonly KeyType[] = ['RSA1024', 'X25519'];

/** A refusal in words: FIPS rules are all that is left to refuse, for what the firmware cannot do was never sent. */
async function explainRefusal(
  session: PivSession,
  { keyType, pinPolicy }: { readonly keyType: KeyType; readonly pinPolicy: PinPolicy },
  refusal: { readonly ok: false; readonly failure: Failure },
): Promise<Result<never>> {
  if (refusal.failure.kind !== 'card-error') return refusal;
  const isOutside = await isOutsideApprovedMode(session);
  if (!isOutside.ok) return isOutside;
  if (isOutside.value) return failed({ kind: 'fips-not-ready' });
  if (refusal.failure.statusWord !== SW.INCORRECT_DATA) return refusal;
  if (NOT_FIPS.includes(keyType)) return failed({ kind: 'key-type-unsupported', keyType, firmware: formatFirmware(session.firmware) });
  return pinPolicy === 'never' ? failed({ kind: 'policy-refused', problem: 'pin-never-on-fips' }) : refusal;
}
