/** Key History Object: NIST SP 800-73-4 part 1, section 3.3.3 and its table. It tells programs where to look for retired keys. */
import { concatBytes } from '../../core/bytes.ts';
import { done, success, type Result } from '../../core/result.ts';
import { KEY_REFERENCE, OBJECT } from './identifiers.ts';
import { readObject, writeObject } from './objects.ts';
import type { CardSession } from './session.ts';
import { decodeTlvs, encodeTlv } from './tlv.ts';

/** Keys with certificates on the card, keys with certificates elsewhere, where that is, error detection. */
const TAG = { ON_CARD: 0xc1, OFF_CARD: 0xc2, OFF_CARD_URL: 0xf3, ERROR_DETECTION: 0xfe } as const;

/** How many of the first retired slots the history reaches to; 0 where there is none. */
export async function reachOfKeyHistory(session: CardSession): Promise<Result<number>> {
  const content = await readObject(session, OBJECT.KEY_HISTORY);
  if (!content.ok) return content;
  return success(decodeHistory(content.value).get(TAG.ON_CARD)?.[0] ?? 0);
}

function decodeHistory(content: Uint8Array | null): ReadonlyMap<number, Uint8Array> {
  return new Map((content && decodeTlvs(content))?.map((field) => [field.tag, field.value]));
}

/**
 * Makes the history reach to `slot`. OpenSC (card-piv.c, piv_process_history) shows the certificates of the first retired
 * slots, as many as are counted here, and leaves out those among them that are empty. Needs the management key.
 */
export async function reachInKeyHistory(session: CardSession, slot: number): Promise<Result<void>> {
  const content = await readObject(session, OBJECT.KEY_HISTORY);
  if (!content.ok) return content;
  const fields = decodeHistory(content.value);
  const wanted = slot - KEY_REFERENCE.RETIRED_FIRST + 1;
  if ((fields.get(TAG.ON_CARD)?.[0] ?? 0) >= wanted) return done;
  const url = fields.get(TAG.OFF_CARD_URL);
  const history = concatBytes(
    encodeTlv(TAG.ON_CARD, Uint8Array.of(wanted)),
    encodeTlv(TAG.OFF_CARD, fields.get(TAG.OFF_CARD) ?? Uint8Array.of(0)),
    ...(url ? [encodeTlv(TAG.OFF_CARD_URL, url)] : []),
    encodeTlv(TAG.ERROR_DETECTION),
  );
  return writeObject(session, OBJECT.KEY_HISTORY, history);
}
