import { concatBytes } from '../../core/bytes.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { CLA_CHAINING, decodeCommand } from '../piv/apdu.ts';
import { INS } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, refuse } from './card.ts';

/** Most bytes that a chain of commands, or one extended command, carries: the largest data object and its tags. */
const MAX_COMMAND_DATA = 3072;
const MAX_SHORT_RESPONSE = 256;

/** Joins chained commands and splits long answers (ISO 7816-4, 5.1.1.1 and 7.6.1), and leaves whole commands to `carryOut`. */
export class ApduExchange {
  private chain: { readonly command: ReceivedCommand; readonly data: Uint8Array } | undefined;
  private waiting = new Uint8Array();

  constructor(private readonly carryOut: (command: ReceivedCommand) => Promise<Response>) {}

  /** Forgets chains and waiting answers: power off. */
  clear(): void {
    this.chain = undefined;
    this.waiting = new Uint8Array();
  }

  /** One command APDU in, one response APDU out. */
  async exchange(apdu: Uint8Array): Promise<Uint8Array> {
    const command = decodeCommand(apdu);
    const response = command ? await this.respond(command) : refuse(SW.WRONG_LENGTH);
    return concatBytes(response.data, Uint8Array.of(response.statusWord >> 8, response.statusWord & 0xff));
  }

  private async respond(command: ReceivedCommand): Promise<Response> {
    if ((command.cla & ~CLA_CHAINING) !== 0) return refuse(SW.CLASS_NOT_SUPPORTED);
    if (command.ins === INS.GET_RESPONSE && command.cla === 0) return this.continueAnswer(command);
    this.waiting = new Uint8Array();
    const data = concatBytes(this.begunChain(command), command.data);
    this.chain = undefined;
    if (data.length > MAX_COMMAND_DATA) return refuse(SW.WRONG_LENGTH);
    if (command.cla & CLA_CHAINING) {
      this.chain = { command, data };
      return answer();
    }
    const response = await this.carryOut({ ...command, data });
    return response.data.length > 0 ? this.sendPart(response.data, command, response.statusWord) : response;
  }

  /** What earlier commands of the same chain carried; another instruction breaks the chain off. */
  private begunChain({ ins, p1, p2 }: ReceivedCommand): Uint8Array {
    const begun = this.chain?.command;
    return this.chain && begun?.ins === ins && begun.p1 === p1 && begun.p2 === p2 ? this.chain.data : new Uint8Array();
  }

  private continueAnswer(command: ReceivedCommand): Response {
    // 6A80 is what a YubiKey answers (SDK users manual, last example of "Authenticate: sign").
    return this.waiting.length > 0 ? this.sendPart(this.waiting, command, SW.OK) : refuse(SW.INCORRECT_DATA);
  }

  private sendPart(data: Uint8Array, command: ReceivedCommand, statusWord: number): Response {
    const limit = command.le || (command.isExtended ? 65536 : MAX_SHORT_RESPONSE);
    const part = data.slice(0, limit);
    this.waiting = data.slice(limit);
    if (this.waiting.length === 0) return { data: part, statusWord };
    return { data: part, statusWord: SW.MORE_DATA | (this.waiting.length < 256 ? this.waiting.length : 0) };
  }
}
