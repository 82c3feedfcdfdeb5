/**
 * Moving key and certificate of 9a to a retired slot, where they go on to work, so that 9a is free for a new key. The
 * order loses nothing, wherever it is cut off, and what is left can be seen on the key:
 *
 *   1  certificate copied        9a key and certificate, the same certificate in a retired slot
 *   2  KEY HISTORY               so that OpenSC shows it
 *   3  MOVE KEY                  9a certificate alone, a retired slot with a key and the same certificate
 *   4  new CHUID
 *   5  certificate of 9a deleted
 */
import { equalBytes } from '../../core/bytes.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { RETIRED_SLOTS, type RetiredSlot } from '../../core/piv-slots.ts';
import { formatFirmware, isAtLeast, type ManagementAccess, type PivSlotFacts } from '../../core/security-key.ts';
import { certificateObject } from './certificates.ts';
import { renewChuid } from './chuid.ts';
import { KEY_REFERENCE, keyReferenceOf } from './identifiers.ts';
import { reachInKeyHistory, reachOfKeyHistory } from './key-history.ts';
import { unlockManagement } from './protected-management-key.ts';
import { readSlotMetadata } from './metadata.ts';
import { readObject, writeObject } from './objects.ts';
import type { PivSession } from './session.ts';

const FROM = KEY_REFERENCE.AUTHENTICATION;
const FROM_OBJECT = certificateObject(FROM);

/** A slot as far as moving is concerned. */
interface Place {
  readonly hasKey: boolean;
  /** Content of the certificate's object, whatever it is: it is copied as it is. */
  readonly content: Uint8Array | null;
}

/**
 * Moves key and certificate of 9a to the first empty retired slot; see the head of this file. The PIN must be verified.
 * Fails with move-unsupported, no-retired-slot-free, slot-empty, management-key-unknown, management-key-malformed.
 */
export async function retireKey(session: PivSession, access: ManagementAccess): Promise<Result<RetiredSlot>> {
  if (!canMove(session)) return failed({ kind: 'move-unsupported', firmware: formatFirmware(session.firmware) });
  const source = await readPlace(session, FROM);
  if (!source.ok) return source;
  if (!source.value.hasKey && !source.value.content) return failed({ kind: 'slot-empty' });
  const target = await findTarget(session, source.value);
  if (!target.ok) return target;
  const unlocked = await unlockManagement(session, access);
  if (!unlocked.ok) return unlocked;
  const moved = source.value.hasKey ? await move(session, source.value, keyReferenceOf(target.value)) : success(undefined);
  if (!moved.ok) return moved;
  const renewed = await renewChuid(session);
  if (!renewed.ok) return renewed;
  const deleted = source.value.content ? await writeObject(session, FROM_OBJECT, new Uint8Array()) : success(undefined);
  return deleted.ok ? success(target.value) : deleted;
}

/**
 * The slot that the key of 9a went to, where the call was cut off after step 3: 9a has the certificate alone then. Costs
 * commands only there. null: there is no such slot.
 */
export async function findMoved(session: PivSession, { keyPair, certificate }: PivSlotFacts): Promise<Result<RetiredSlot | null>> {
  if (keyPair !== null || certificate === null || !canMove(session)) return success(null);
  const content = await readObject(session, FROM_OBJECT);
  if (!content.ok) return content;
  const reach = await reachOfKeyHistory(session);
  if (!reach.ok) return reach;
  for (const slot of RETIRED_SLOTS.slice(0, reach.value)) {
    const copy = await readObject(session, certificateObject(keyReferenceOf(slot)));
    if (!copy.ok) return copy;
    if (!content.value || !copy.value || !equalBytes(content.value, copy.value)) continue;
    const key = await readSlotMetadata(session, keyReferenceOf(slot));
    if (!key.ok) return key;
    if (key.value !== null) return success(slot);
  }
  return success(null);
}

/** MOVE KEY came with firmware 5.7 (Yubico). */
function canMove({ firmware }: PivSession): boolean {
  return isAtLeast(firmware, 5, 7);
}

/** Steps 1 to 3. */
async function move(session: PivSession, source: Place, target: number): Promise<Result<void>> {
  if (source.content) {
    const copied = await writeObject(session, certificateObject(target), source.content);
    if (!copied.ok) return copied;
    const reached = await reachInKeyHistory(session, target);
    if (!reached.ok) return reached;
  }
  const moved = await session.ask('MOVE_KEY', { p1: target, p2: FROM });
  return moved.ok ? success(undefined) : moved;
}

/**
 * Where it goes: the slot where an earlier run put the certificate, else the first empty one; without a key in 9a, the
 * slot that key and certificate went to.
 */
async function findTarget(session: PivSession, source: Place): Promise<Result<RetiredSlot>> {
  let free: RetiredSlot | undefined;
  for (const slot of RETIRED_SLOTS) {
    const place = await readPlace(session, keyReferenceOf(slot));
    if (!place.ok) return place;
    const { hasKey, content } = place.value;
    const isSame = source.content !== null && content !== null && equalBytes(source.content, content);
    if (isSame && hasKey !== source.hasKey) return success(slot);
    if (!hasKey && content === null) free ??= slot;
  }
  if (!source.hasKey) return failed({ kind: 'slot-empty' });
  return free ? success(free) : failed({ kind: 'no-retired-slot-free' });
}

async function readPlace(session: PivSession, slot: number): Promise<Result<Place>> {
  const keyPair = await readSlotMetadata(session, slot);
  if (!keyPair.ok) return keyPair;
  const content = await readObject(session, certificateObject(slot));
  return content.ok ? success({ hasKey: keyPair.value !== null, content: content.value }) : content;
}
