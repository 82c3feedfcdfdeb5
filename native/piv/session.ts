import { failed, success, type Result } from '../../core/result.ts';
import type { Failure } from '../../core/failures.ts';
import type { FirmwareVersion } from '../../core/security-key.ts';
import { decodeResponse, encodeChain, encodeShortApdu, type Command, type Response } from './apdu.ts';
import { CardConnectionError, type CardConnection } from './connection.ts';
import { AID, INS } from './identifiers.ts';
import { SW } from './status-word.ts';

/** Longest answer that is put together from chained responses: an object is about 3 KB at most. */
const MAX_RESPONSE_LENGTH = 0x8000;
/** And parts of it: a card that sends a byte at a time, for ever, is not waited for. */
const MAX_PARTS = 256;

/** The failure that a broken connection is, as a value. */
export function connectionFailure(error: CardConnectionError): Failure {
  switch (error.problem) {
    case 'removed':
      return { kind: 'security-key-removed' };
    case 'sharing-violation':
      return { kind: 'security-key-busy' };
    case 'service-stopped':
      return { kind: 'smart-card-service-missing', detail: error.message };
    case 'reset':
    case 'unresponsive':
      return { kind: 'security-key-unresponsive', detail: error.message };
  }
}

/** The failure of a status word that means nothing in particular to the one who asked. */
export function cardError(instruction: keyof typeof INS, statusWord: number): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'card-error', instruction, statusWord });
}

/** A conversation with the application that was selected last on one connection. */
export class CardSession {
  readonly #connection: CardConnection;

  constructor(connection: CardConnection) {
    this.#connection = connection;
  }

  /**
   * Sends one command, chained where it is long (ISO 7816-4, 5.1.1.1), and puts the parts of a long answer together
   * (GET RESPONSE, 7.6.1). Any status word is a success here; a failure is a broken connection.
   */
  async send(command: Command): Promise<Result<Response>> {
    try {
      return success(await this.#exchange(command));
    } catch (error) {
      if (error instanceof CardConnectionError) return failed(connectionFailure(error));
      throw error;
    }
  }

  /** As {@link send}, for a command whose every status word but 9000 is a card-error. Answers the data. */
  async ask(instruction: keyof typeof INS, command: Omit<Command, 'ins'>): Promise<Result<Uint8Array>> {
    const answer = await this.send({ ...command, ins: INS[instruction] });
    if (!answer.ok) return answer;
    return answer.value.statusWord === SW.OK ? success(answer.value.data) : cardError(instruction, answer.value.statusWord);
  }

  async #exchange(command: Command): Promise<Response> {
    let response: Response = { data: new Uint8Array(), statusWord: SW.UNKNOWN };
    for (const apdu of encodeChain(command)) {
      response = await this.#transmit(apdu);
      if (response.statusWord !== SW.OK && !isMoreData(response.statusWord)) break;
    }
    // A card may ask for the same command with another Le (ISO 7816-4, table 5: 6Cxx).
    if ((response.statusWord & 0xff00) === SW.WRONG_LE && (command.data?.length ?? 0) === 0) {
      response = await this.#transmit(encodeShortApdu({ ...command, le: response.statusWord & 0xff }));
    }
    return this.#collect(response);
  }

  async #collect(first: Response): Promise<Response> {
    const parts = [first.data];
    let { statusWord } = first;
    let length = first.data.length;
    while (isMoreData(statusWord)) {
      const next = await this.#transmit(encodeShortApdu({ ins: INS.GET_RESPONSE, le: statusWord & 0xff }));
      parts.push(next.data);
      length += next.data.length;
      statusWord = next.statusWord;
      if (length > MAX_RESPONSE_LENGTH || parts.length > MAX_PARTS || (next.data.length === 0 && isMoreData(statusWord))) {
        throw new CardConnectionError('unresponsive', 'the answer does not end');
      }
    }
    return { data: parts.length === 1 ? first.data : new Uint8Array(Buffer.concat(parts)), statusWord };
  }

  async #transmit(apdu: Uint8Array): Promise<Response> {
    const response = decodeResponse(await this.#connection.transmit(apdu));
    if (!response) throw new CardConnectionError('unresponsive', 'an answer without a status word');
    return response;
  }
}

function isMoreData(statusWord: number): boolean {
  return (statusWord & 0xff00) === SW.MORE_DATA;
}

/** A conversation with the PIV application of a YubiKey. */
export class PivSession extends CardSession {
  readonly firmware: FirmwareVersion;

  constructor(connection: CardConnection, firmware: FirmwareVersion) {
    super(connection);
    this.firmware = firmware;
  }
}

/** SELECT by name (ISO 7816-4, 7.1.1). False: the card does not have this application. */
export async function selectApplication(session: CardSession, aid: Uint8Array): Promise<Result<boolean>> {
  const answer = await session.send({ ins: INS.SELECT, p1: 0x04, data: aid });
  return answer.ok ? success(answer.value.statusWord === SW.OK) : answer;
}

/**
 * Selects the PIV application and reads the firmware's version (Yubico, GET VERSION: three bytes). Selecting ends
 * whatever PIN or management key was verified before. Fails with not-a-piv-key.
 */
export async function selectPiv(connection: CardConnection): Promise<Result<PivSession>> {
  const session = new CardSession(connection);
  const selected = await selectApplication(session, AID.PIV);
  if (!selected.ok) return selected;
  if (!selected.value) return failed({ kind: 'not-a-piv-key' });
  const version = await session.send({ ins: INS.GET_VERSION });
  if (!version.ok) return version;
  const [major, minor, patch] = version.value.data;
  if (version.value.statusWord !== SW.OK || major === undefined || minor === undefined || patch === undefined) {
    return failed({ kind: 'not-a-piv-key', detail: 'PIV, but not a YubiKey: it does not tell its firmware' });
  }
  return success(new PivSession(connection, { major, minor, patch }));
}
