/** Data objects: NIST SP 800-73-4 part 2, sections 3.1.2 (GET DATA) and 3.3.1 (PUT DATA). */
import { concatBytes } from '../../core/bytes.ts';
import { done, failed, success, type Result } from '../../core/result.ts';
import { INS } from './identifiers.ts';
import { cardError, type CardSession } from './session.ts';
import { SW } from './status-word.ts';
import { encodeTlv, findTlv } from './tlv.ts';

/** Tag list and data of an object (73-4 part 2, tables 7 and 31). */
const TAG = { OBJECT_ID: 0x5c, DATA: 0x53 } as const;

function objectId(id: number): Uint8Array {
  const bytes = id > 0xffff ? [id >> 16, (id >> 8) & 0xff, id & 0xff] : [id];
  return encodeTlv(TAG.OBJECT_ID, Uint8Array.from(bytes));
}

/**
 * What is inside an object's tag 53; null where the object is absent or empty. PRINTED needs a verified PIN and fails
 * with card-error 6982 without one.
 */
export async function readObject(session: CardSession, id: number): Promise<Result<Uint8Array | null>> {
  const answer = await session.send({ ins: INS.GET_DATA, p1: 0x3f, p2: 0xff, data: objectId(id) });
  if (!answer.ok) return answer;
  const { data, statusWord } = answer.value;
  if (statusWord === SW.NOT_FOUND) return success(null);
  if (statusWord !== SW.OK) return cardError('GET_DATA', statusWord);
  const content = findTlv(data, TAG.DATA);
  if (!content) return failed({ kind: 'security-key-unresponsive', detail: `object ${id.toString(16)} is not in tag 53` });
  return success(content.length > 0 ? content : null);
}

/** Writes an object; needs the management key. An empty `content` deletes it. */
export async function writeObject(session: CardSession, id: number, content: Uint8Array): Promise<Result<void>> {
  const data = concatBytes(objectId(id), encodeTlv(TAG.DATA, content));
  const answer = await session.ask('PUT_DATA', { p1: 0x3f, p2: 0xff, data });
  return answer.ok ? done : answer;
}
