/**
 * A new management key in place of one that is PIN-protected already. PRINTED may hold one key only, so the new one cannot
 * be stored before it is set, and what is set before it is stored would be lost with a pulled key. So the new key K2
 * follows from the old one K1 and a random salt, which lies open in an object of ours meanwhile:
 *
 *   1  ROTATION := salt         PRINTED K1, set K1     next time: again from 1
 *   2  SET MANAGEMENT KEY K2    PRINTED K1, set K2     K1 fails; K2 follows from K1 and the salt; on with 3
 *   3  PRINTED := K2            PRINTED K2, set K2     on with 4
 *   4  delete ROTATION          done
 */
import { failed, type Result } from '../../core/result.ts';
import { deriveNext } from './derived-management-keys.ts';
import { MANAGEMENT_KEY_ALGORITHM } from './identifiers.ts';
import type { Unlocked } from './management-access.ts';
import { isRefusedAsWeak, MAX_KEY_CHOICES, setManagementKey } from './management-key.ts';
import { storeInPrinted } from './printed-object.ts';
import { beginRotation, endRotation } from './rotation-object.ts';
import type { PivSession } from './session.ts';

/** Replaces a protected key; see the head of this file. The key must be authenticated, the PIN verified. */
export async function rotateProtectedKey(session: PivSession, unlocked: Unlocked): Promise<Result<void>> {
  const { algorithm } = unlocked.metadata;
  for (let choice = 0; choice < MAX_KEY_CHOICES; choice++) {
    const salt = await beginRotation(session);
    if (!salt.ok) return salt;
    const key = deriveNext(unlocked.key, salt.value, MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength);
    const set = await setManagementKey(session, { algorithm, value: key });
    if (set.ok) return finishRotation(session, { ...unlocked, key });
    if (!isRefusedAsWeak(algorithm, set.failure)) return set;
  }
  return failed({ kind: 'security-key-unresponsive', detail: 'no management key is good enough for it' });
}

/** Steps 3 and 4, for a key that is set and not stored yet. */
export async function finishRotation(session: PivSession, unlocked: Unlocked): Promise<Result<void>> {
  const stored = await storeInPrinted(session, unlocked.printed, unlocked.key);
  return stored.ok ? endRotation(session) : stored;
}
