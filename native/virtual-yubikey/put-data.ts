import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import { decodeTlvs } from '../piv/tlv.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { isWritable, MAX_OBJECT_LENGTH, MEMORY_LENGTH, readTag } from './data-objects.ts';
import { writeObject } from './state.ts';

/** PUT DATA (73-4 part 2, 3.3.1): 5C names the object, 53 is its new value; an empty value deletes it. */
export function putData(card: Card, command: ReceivedCommand): Response {
  if (command.p1 !== 0x3f || command.p2 !== 0xff) return refuse(SW.INCORRECT_P1_P2);
  if (!card.session.isManagementAuthenticated) return refuse(SW.SECURITY_STATUS_NOT_SATISFIED);
  const tag = readTag(command.data);
  const objects = decodeTlvs(command.data);
  const value = objects?.[1];
  if (tag === undefined || !isWritable(tag) || objects?.length !== 2 || value?.tag !== 0x53) return refuse(SW.INCORRECT_DATA);
  if (value.value.length > MAX_OBJECT_LENGTH) return refuse(SW.NOT_ENOUGH_MEMORY);
  if (usedMemory(card) + value.value.length > MEMORY_LENGTH) return refuse(SW.NOT_ENOUGH_MEMORY);
  writeObject(card.state, tag, value.value);
  return answer();
}

function usedMemory(card: Card): number {
  return Object.values(card.state.objects).reduce((length, base64) => length + Math.floor((base64.length * 3) / 4), 0);
}
