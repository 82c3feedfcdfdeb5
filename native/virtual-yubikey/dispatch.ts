import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { INS } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { attest } from './attest.ts';
import { refuse } from './card.ts';
import type { Card, Instruction } from './card.ts';
import { changeReferenceData } from './change-reference-data.ts';
import { generalAuthenticate } from './general-authenticate.ts';
import { generateKey } from './generate-key.ts';
import { getData } from './get-data.ts';
import { getMetadata } from './get-metadata.ts';
import { getSerial } from './get-serial.ts';
import { getVersion } from './get-version.ts';
import { importKey } from './import-key.ts';
import { answerAsManagement } from './management-application.ts';
import { moveKey } from './move-key.ts';
import { putData } from './put-data.ts';
import { reset } from './reset.ts';
import { resetRetryCounter } from './reset-retry-counter.ts';
import { select } from './select.ts';
import { setManagementKey } from './set-management-key.ts';
import { setRetries } from './set-retries.ts';
import { verify } from './verify.ts';

/** The PIV application's instructions. SELECT and GET RESPONSE belong to no application. */
const PIV_INSTRUCTIONS: ReadonlyMap<number, Instruction> = new Map<number, Instruction>([
  [INS.VERIFY, verify],
  [INS.CHANGE_REFERENCE_DATA, changeReferenceData],
  [INS.RESET_RETRY_COUNTER, resetRetryCounter],
  [INS.GENERAL_AUTHENTICATE, generalAuthenticate],
  [INS.GENERATE_ASYMMETRIC, generateKey],
  [INS.IMPORT_KEY, importKey],
  [INS.MOVE_KEY, moveKey],
  [INS.GET_DATA, getData],
  [INS.PUT_DATA, putData],
  [INS.GET_METADATA, getMetadata],
  [INS.GET_SERIAL, getSerial],
  [INS.GET_VERSION, getVersion],
  [INS.ATTEST, attest],
  [INS.SET_RETRIES, setRetries],
  [INS.SET_MANAGEMENT_KEY, setManagementKey],
  [INS.RESET, reset],
]);

/** Carries out a whole command (chained parts already joined) in the selected application. */
export function dispatch(card: Card, command: ReceivedCommand): Response | Promise<Response> {
  if (command.ins === INS.SELECT) return select(card, command);
  switch (card.session.application) {
    case 'none':
      return refuse(SW.INSTRUCTION_NOT_SUPPORTED);
    case 'management':
      return answerAsManagement(card, command);
    case 'piv':
      return PIV_INSTRUCTIONS.get(command.ins)?.(card, command) ?? refuse(SW.INSTRUCTION_NOT_SUPPORTED);
  }
}
