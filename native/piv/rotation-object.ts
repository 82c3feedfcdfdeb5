/**
 * ROTATION (5FFF4C), an object of our own that exists only while the management key is being replaced: the salt that leads
 * from the key before to the key after. Nothing in it is secret without the key before. It is an object of its own and no
 * field of ADMIN DATA, because the .NET SDK takes an ADMIN DATA with an unknown field for none.
 */
import { done, success, type Result } from '../../core/result.ts';
import { OBJECT } from './identifiers.ts';
import { readObject, writeObject } from './objects.ts';
import type { CardSession } from './session.ts';
import { encodeTlv, findTlv } from './tlv.ts';

const TAG_SALT = 0x80;
const SALT_LENGTH = 32;

/** The salt of a rotation that was cut off; null: there is none. */
export async function readRotation(session: CardSession): Promise<Result<Uint8Array | null>> {
  const content = await readObject(session, OBJECT.ROTATION);
  if (!content.ok) return content;
  const salt = content.value && findTlv(content.value, TAG_SALT);
  return success(salt?.length === SALT_LENGTH ? salt : null);
}

/** Writes down a new salt, before the key that follows from it is set. Needs the management key. */
export async function beginRotation(session: CardSession): Promise<Result<Uint8Array>> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
  const written = await writeObject(session, OBJECT.ROTATION, encodeTlv(TAG_SALT, salt));
  return written.ok ? success(salt) : written;
}

/** Deletes it where it is there. Needs the management key. */
export async function endRotation(session: CardSession): Promise<Result<void>> {
  const content = await readObject(session, OBJECT.ROTATION);
  if (!content.ok) return content;
  return content.value === null ? done : writeObject(session, OBJECT.ROTATION, new Uint8Array());
}
