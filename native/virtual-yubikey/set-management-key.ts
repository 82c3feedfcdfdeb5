import { toHex } from '../../core/bytes.ts';
import type { ManagementKeyAlgorithm, TouchPolicy } from '../../core/security-key.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_REFERENCE, MANAGEMENT_KEY_ALGORITHM } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';

/** Touch policies of the management key, in P2 (Yubico SDK users manual, set management key). */
const TOUCH_P2: ReadonlyMap<number, TouchPolicy> = new Map([
  [0xff, 'never'],
  [0xfe, 'always'],
  [0xfd, 'cached'],
]);

/** DES's weak and semi-weak keys (FIPS 74, 3.6), without their parity bits. */
const WEAK_DES = new Set(
  ['0000000000000000', 'fefefefefefefefe', 'e0e0e0e0f0f0f0f0', '1e1e1e1e0e0e0e0e'].concat(
    ['00fe00fe00fe00fe', 'fe00fe00fe00fe00', '1ee01ee00ef00ef0', 'e01ee01ef00ef00e', '00e000e000f000f0', 'e000e000f000f000'],
    ['1efe1efe0efe0efe', 'fe1efe1efe0efe0e', '001e001e000e000e', '1e001e000e000e00', 'e0fee0fef0fef0fe', 'fee0fee0fef0fef0'],
  ),
);

/** SET MANAGEMENT KEY (Yubico, INS FF): algorithm, 9B, length, key. */
export function setManagementKey(card: Card, command: ReceivedCommand): Response {
  const touchPolicy = TOUCH_P2.get(command.p2);
  if (command.p1 !== 0xff || !touchPolicy) return refuse(SW.INCORRECT_P1_P2);
  if (!card.session.isManagementAuthenticated) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  const [algorithmId, keyReference, length] = command.data;
  const value = command.data.subarray(3);
  const algorithm = (Object.keys(MANAGEMENT_KEY_ALGORITHM) as ManagementKeyAlgorithm[]).find((name) => MANAGEMENT_KEY_ALGORITHM[name].id === algorithmId);
  if (!algorithm || !card.firmware.managementKeyAlgorithms.includes(algorithm) || keyReference !== KEY_REFERENCE.MANAGEMENT) return refuse(SW.INCORRECT_DATA);
  if (length !== value.length || length !== MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength) return refuse(SW.INCORRECT_DATA);
  if (algorithm === '3DES' && isWeak(value)) return refuse(SW.INCORRECT_DATA);
  if (touchPolicy === 'cached' && !card.firmware.hasCachedTouch) return refuse(SW.INCORRECT_P1_P2);
  card.state.managementKey = { algorithm, value: toHex(value), touchPolicy };
  return answer();
}

function isWeak(tripleDesKey: Uint8Array): boolean {
  const withoutParity = tripleDesKey.map((byte) => byte & 0xfe);
  return [0, 8, 16].some((start) => WEAK_DES.has(toHex(withoutParity.subarray(start, start + 8))));
}
