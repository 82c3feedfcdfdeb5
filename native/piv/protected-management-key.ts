/**
 * The management key in the form ykman, yubico-piv-tool and Yubico's SDK call PIN-protected: the key is in PRINTED
 * (5FC109), which can be read after the PIN alone, and a flag in ADMIN DATA (5FFF00) says so.
 *
 * The order in which it is made from a key that is known without PRINTED (the factory one, one derived from the PIN, one
 * that the person typed) never leaves it unknown, wherever it is cut off:
 *
 *   1  PRINTED := new key       management key still the old one        next time: again from 1
 *   2  ADMIN DATA: flag         where the firmware tells the factory key; the facts say 'unfinished'
 *   3  SET MANAGEMENT KEY       (whole or not at all)                   next time: found in PRINTED, on with 4
 *   4  ADMIN DATA: flag         where it is not set yet; the salt of a derived key goes
 *
 * A FIPS key of firmware 5.7 gives no access to PRINTED while the management key is the factory one. There a key that
 * follows from the factory one and the salt in ROTATION is set first, and replaced at once as above: anybody who reads
 * the salt in between could compute it.
 *
 *   0a ROTATION := salt         management key still the factory one    next time: again from 0a
 *   0b ADMIN DATA: flag         the same; the facts say 'unfinished'    next time: again from 0a
 *   0c SET MANAGEMENT KEY       'bridging'                              next time: on with 1
 *
 * What was cut off is finished by whatever opens the settings next.
 */
import { done, failed, success, unreachable, type Result } from '../../core/result.ts';
import type { ManagementAccess } from '../../core/security-key.ts';
import { isMarkedProtected, markProtected, readAdminData } from './admin-data.ts';
import { mindsPinOrPuk } from './approved-mode.ts';
import { deriveNext } from './derived-management-keys.ts';
import { MANAGEMENT_KEY_ALGORITHM } from './identifiers.ts';
import { unlock, type Unlocked } from './management-access.ts';
import { isRefusedAsWeak, MAX_KEY_CHOICES, randomManagementKey, setManagementKey } from './management-key.ts';
import { verifyPin } from './pin.ts';
import { readPrinted, storeInPrinted, type Printed } from './printed-object.ts';
import { finishRotation, rotateProtectedKey } from './rotate-management-key.ts';
import { beginRotation, endRotation } from './rotation-object.ts';
import type { PivSession } from './session.ts';

/**
 * Opens the settings, for whoever only needs them open, and finishes a replacement of the management key that was cut off:
 * while it is under way, the salt that leads to the key lies open. The PIN must be verified.
 * Fails with management-key-unknown, management-key-malformed, fips-not-ready, touch-timeout.
 */
export async function unlockManagement(session: PivSession, access: ManagementAccess): Promise<Result<void>> {
  const unlocked = await unlock(session, access);
  if (!unlocked.ok) return unlocked;
  const { form } = unlocked.value;
  return form === 'rotating' || form === 'bridging' ? replace(session, unlocked.value) : done;
}

/**
 * Before the PIN is another: a key that follows from it, or that is just being replaced, is brought into the protected
 * form, which every PIN opens. Fails with printed-object-in-use, fips-not-ready.
 */
export async function settle(session: PivSession, unlocked: Unlocked): Promise<Result<void>> {
  const { form } = unlocked;
  return form === 'factory' || form === 'typed' || form === 'protected' ? done : replace(session, unlocked);
}

/**
 * Brings the management key into the protected form, or finishes that where it was cut off. A key that is in it already
 * stays as it is. The PIN must be verified. Fails with management-key-unknown, printed-object-in-use, fips-not-ready.
 */
export async function protectManagementKey(session: PivSession, access: ManagementAccess): Promise<Result<void>> {
  const unlocked = await unlock(session, access);
  if (!unlocked.ok) return unlocked;
  return unlocked.value.form === 'protected' ? tidy(session) : replace(session, unlocked.value);
}

/**
 * Replaces the management key, whatever form it has, by a new random one in the protected form. A replacement that was
 * cut off is finished, and that is the new key. The PIN must be verified. Fails as {@link protectManagementKey}.
 */
export async function rotateManagementKey(session: PivSession, access: ManagementAccess): Promise<Result<void>> {
  const unlocked = await unlock(session, access);
  return unlocked.ok ? replace(session, unlocked.value) : unlocked;
}

/**
 * Before the PIN changes: a management key that is derived from it would be lost with it, so it is brought into the
 * protected form. Does nothing, and verifies nothing, where ADMIN DATA tells of no such key.
 * Fails with pin-wrong, pin-blocked, printed-object-in-use.
 */
export async function saveDerivedKey(session: PivSession, pin: string): Promise<Result<void>> {
  const admin = await readAdminData(session);
  if (!admin.ok) return admin;
  if (admin.value.salt === null || isMarkedProtected(admin.value)) return done;
  const verified = await verifyPin(session, pin);
  if (!verified.ok) return verified;
  const saved = await protectManagementKey(session, { pin });
  // The salt is an old one: no change of the PIN can lose a key that does not follow from it.
  return !saved.ok && saved.failure.kind === 'management-key-unknown' ? done : saved;
}

async function replace(session: PivSession, unlocked: Unlocked): Promise<Result<void>> {
  const replaced = await replaceBy(session, unlocked);
  return replaced.ok ? tidy(session) : replaced;
}

function replaceBy(session: PivSession, unlocked: Unlocked): Promise<Result<void>> {
  switch (unlocked.form) {
    case 'factory':
    case 'bridging':
    case 'derived':
    case 'typed':
      return replaceKnownKey(session, unlocked);
    case 'protected':
      return rotateProtectedKey(session, unlocked);
    case 'rotating':
      return finishRotation(session, unlocked);
    default:
      return unreachable(unlocked.form);
  }
}

/** What only tells of the form. */
async function tidy(session: PivSession): Promise<Result<void>> {
  const marked = await markProtected(session);
  return marked.ok ? endRotation(session) : marked;
}

async function replaceKnownKey(session: PivSession, unlocked: Unlocked): Promise<Result<void>> {
  const { algorithm } = unlocked.metadata;
  const printed = unlocked.printed.kind === 'locked' && unlocked.form === 'factory' ? await bridge(session, unlocked) : success(unlocked.printed);
  if (!printed.ok) return printed;
  for (let choice = 0; choice < MAX_KEY_CHOICES; choice++) {
    const key = randomManagementKey(algorithm);
    const stored = await storeInPrinted(session, printed.value, key.value);
    if (!stored.ok) return stored;
    // Flagged after the key is set, a cut in between would look like somebody's unknown key.
    const marked = unlocked.metadata.isFactory === true ? await markProtected(session) : done;
    if (!marked.ok) return marked;
    const set = await setManagementKey(session, key);
    if (set.ok || !isRefusedAsWeak(algorithm, set.failure)) return set;
  }
  return failed({ kind: 'security-key-unresponsive', detail: 'no management key is good enough for it' });
}

/** Steps 0a to 0c; answers PRINTED, which can be read then, because PIN and PUK are the owner's. */
async function bridge(session: PivSession, { key, metadata: { algorithm } }: Unlocked): Promise<Result<Printed>> {
  const minds = await mindsPinOrPuk(session);
  if (!minds.ok) return minds;
  if (minds.value) return failed({ kind: 'fips-not-ready' });
  const salt = await beginRotation(session);
  if (!salt.ok) return salt;
  const marked = await markProtected(session);
  if (!marked.ok) return marked;
  const set = await setManagementKey(session, { algorithm, value: deriveNext(key, salt.value, MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength) });
  return set.ok ? readPrinted(session) : set;
}
