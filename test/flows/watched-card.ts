import { equalBytes, fromBase64, fromHex } from '../../core/bytes.ts';
import type { CardConnection } from '../../native/piv/connection.ts';
import { FACTORY, INS } from '../../native/piv/identifiers.ts';
import { decodeTlvs } from '../../native/piv/tlv.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';

/** A connection that notes every attempt at PIN or PUK which the card turned down. */
export interface WatchedCard extends CardConnection {
  /** Instruction and status word, such as "20 63c2". */
  readonly lostAttempts: readonly string[];
}

const COUNTED: readonly number[] = [INS.VERIFY, INS.CHANGE_REFERENCE_DATA, INS.RESET_RETRY_COUNTER];

export function watchAttempts(card: CardConnection): WatchedCard {
  const lostAttempts: string[] = [];
  return {
    lostAttempts,
    transmit: async (command) => {
      const response = await card.transmit(command);
      const [, ins = 0] = command;
      const statusWord = response.slice(-2);
      // VERIFY without data asks for the attempts left, and costs none.
      const isAttempt = COUNTED.includes(ins) && command.length > 5;
      const isTurnedDown = statusWord[0] === 0x63 || (statusWord[0] === 0x69 && statusWord[1] === 0x83);
      if (isAttempt && isTurnedDown) lostAttempts.push(`${ins.toString(16)} ${Buffer.from(statusWord).toString('hex')}`);
      return response;
    },
  };
}

const PRINTED = '5fc109';
const TAG_PROTECTED = 0x88;
const TAG_KEY = 0x89;

/** Whether somebody with the PIN can find the management key: it is the factory one, or the one stored in PRINTED. */
export function isManagementKeyKnown(card: VirtualYubiKey): boolean {
  const { managementKey, objects } = card.exportState();
  const current = fromHex(managementKey.value);
  if (equalBytes(current, FACTORY.MANAGEMENT_KEY)) return true;
  const printed = objects[PRINTED];
  const outer = printed === undefined ? undefined : decodeTlvs(fromBase64(printed))?.find((tlv) => tlv.tag === TAG_PROTECTED);
  const stored = outer && decodeTlvs(outer.value)?.find((tlv) => tlv.tag === TAG_KEY)?.value;
  return stored !== undefined && equalBytes(stored, current);
}

/** The PIN that the card has, as text. A person knows it; before 5.3 a card does not tell whether a change arrived. */
export function pinOf(card: VirtualYubiKey): string {
  return textOf(card.exportState().pin.value);
}

/** The PUK that the card has, as text. */
export function pukOf(card: VirtualYubiKey): string {
  return textOf(card.exportState().puk.value);
}

function textOf(padded: string): string {
  return Buffer.from(fromHex(padded).filter((byte) => byte !== 0xff)).toString('utf8');
}
