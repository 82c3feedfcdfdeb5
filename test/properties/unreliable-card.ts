/** Cards that answer anything, and a watch over what our side sends to them all the same. */
import { ok } from 'node:assert/strict';
import { type Arbitrary, array, boolean, constant, constantFrom, integer, nat, oneof, tuple, uint8Array } from 'fast-check';
import { concatBytes, equalBytes, fromHex } from '../../core/bytes.ts';
import { CLA_CHAINING, type ReceivedCommand, decodeCommand } from '../../native/piv/apdu.ts';
import { type CardConnection, CardConnectionError, type CardConnectionProblem } from '../../native/piv/connection.ts';
import { FACTORY, INS, OBJECT } from '../../native/piv/identifiers.ts';
import { padReferenceData } from '../../native/virtual-yubikey/reference-data.ts';
import { changes } from './changed-bytes.ts';
import { F9, PUBLIC_KEYS } from './fixed-material.ts';
import { decodeTlvs, encodeTlv } from '../../native/piv/tlv.ts';

/** What one transmission comes to. 'change' alters the honest answer, where there is one. */
export type Answer =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'broken'; readonly problem: CardConnectionProblem }
  | { readonly kind: 'change'; readonly change: (bytes: Uint8Array) => Uint8Array }
  | { readonly kind: 'honest' };

/** More than any action needs on any card: blocking 255 attempts twice, and an answer that does not end. */
const MAX_COMMANDS = 1000;

const STATUS = [0x9000, 0x9000, 0x9000, 0x6982, 0x6983, 0x6985, 0x6a80, 0x6a82, 0x6a88, 0x6d00, 0x63c0, 0x63c1, 0x63c3, 0x63cf, 0x63ff, 0x6100, 0x6110, 0x6c04, 0x6c00, 0x6700, 0x6f00] as const;

/** Contents of real answers: a version, a serial, metadata of a PIN and of a key, a certificate's object, device information, a witness. */
const CONTENTS = [
  ...['050403', '050701', '040307', '004f8001', '0101ff05010106020303', '010103020200ff050100', '0c01013f020400f00f140a0100', '7c0a80080102030405060708', '5303810102', '5308800681010282020102'].map(fromHex),
  encodeTlv(0x53, encodeTlv(0x70, F9), encodeTlv(0x71, Uint8Array.of(0)), encodeTlv(0xfe)),
  ...PUBLIC_KEYS.map(([, encoded]) => concatBytes(fromHex('01011102020201030101'), encodeTlv(0x04, encoded))),
  ...PUBLIC_KEYS.map(([, encoded]) => encodeTlv(0x7f49, encoded)),
  F9,
];

const content = oneof({ weight: 3, arbitrary: constantFrom(...CONTENTS) }, { weight: 1, arbitrary: tuple(constantFrom(...CONTENTS), changes(2)).map(([real, change]) => change(real)) }, { weight: 1, arbitrary: uint8Array({ maxLength: 40 }) });
const statusWord = oneof({ weight: 4, arbitrary: constantFrom(...STATUS) }, { weight: 1, arbitrary: integer({ min: 0, max: 0xffff }) }).map((word) => Uint8Array.of(word >> 8, word & 0xff));

const bytes: Arbitrary<Answer> = oneof(
  { weight: 6, arbitrary: tuple(content, statusWord).map(([data, word]) => concatBytes(data, word)) },
  { weight: 3, arbitrary: statusWord },
  { weight: 1, arbitrary: uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: uint8Array({ maxLength: 1 }) },
).map((bytes): Answer => ({ kind: 'bytes', bytes }));
const broken: Arbitrary<Answer> = constantFrom<CardConnectionProblem[]>('removed', 'reset', 'sharing-violation', 'unresponsive', 'service-stopped').map((problem) => ({ kind: 'broken', problem }));
const changed: Arbitrary<Answer> = changes(2).map((change) => ({ kind: 'change', change }));

/** Answers of a card that has gone mad, given again from the start when they are used up. One alone is an answer that never ends. */
export const madness: Arbitrary<readonly Answer[]> = oneof(
  array(oneof({ weight: 12, arbitrary: bytes }, { weight: 1, arbitrary: broken }), { minLength: 1, maxLength: 40, size: 'max' }),
  bytes.map((answer) => [answer]),
  constantFrom('016101', '6100', '6101', '6cff', '00', '9000', '63c5', '63ff').map((hex): Answer[] => [{ kind: 'bytes', bytes: fromHex(hex) }]),
);

const honest: Answer = { kind: 'honest' };
const always: Arbitrary<Answer> = constantFrom('63c5', '63ff', '6101', '6982', '6a80', '9000').map((hex) => ({ kind: 'bytes', bytes: fromHex(hex) }));
const lie = oneof({ weight: 2, arbitrary: changed }, { weight: 1, arbitrary: bytes }, { weight: 1, arbitrary: always });

/** Most answers are honest; or all are up to one, and what it is then stays. */
export const lies: Arbitrary<readonly Answer[]> = oneof(
  array(oneof({ weight: 40, arbitrary: constant(honest) }, { weight: 3, arbitrary: lie }), { minLength: 1, maxLength: 60, size: 'max' }),
  tuple(oneof(nat(8), nat(30)), lie, constantFrom(1, MAX_COMMANDS)).map(([before, answer, times]) => [...Array.from({ length: before }, () => honest), ...Array.from({ length: times }, () => answer), ...Array.from({ length: times === 1 ? MAX_COMMANDS : 0 }, () => honest)]),
);

/** How a key is known before. */
export const knownSerial: Arbitrary<number | null | undefined> = oneof(constantFrom<(number | null | undefined)[]>(undefined, null, 5_210_001), boolean().map(() => undefined));

/** What may be on the wire for an action. */
export interface Permission {
  /** PIN and PUK values, padded, that the person typed, or that the action says it uses. Factory values are the card's to tell. */
  readonly secrets: readonly Uint8Array[];
  /** Instructions that only this action may use. */
  readonly instructions: readonly number[];
}

const ATTEMPTS: readonly number[] = [INS.VERIFY, INS.CHANGE_REFERENCE_DATA, INS.RESET_RETRY_COUNTER];
/** What changes or destroys keys. */
const GRAVE: readonly number[] = [INS.RESET, INS.MOVE_KEY, INS.GENERATE_ASYMMETRIC, INS.SET_RETRIES, INS.IMPORT_KEY, INS.SET_MANAGEMENT_KEY];

const FACTORY_VALUES = [FACTORY.PIN, FACTORY.PUK].map(padReferenceData);
/** Metadata's field 05, which is 1 for a factory value (Yubico); anything but 0 on a card that lies. */
function saysFactory(metadata: Uint8Array): boolean {
  return metadata.some((byte, at) => byte === 0x05 && (metadata[at + 1] ?? 0) > 0 && (metadata[at + 2] ?? 0) !== 0);
}

/** A card that answers by a list, and throws what is no CardConnectionError where our side does what it must not. */
export class UnreliableCard implements CardConnection {
  readonly #answers: readonly Answer[];
  readonly #honest: CardConnection | null;
  readonly #permission: Permission;
  #count = 0;
  #chain: Uint8Array = new Uint8Array();
  #isRefused = false;
  #isFactoryTold = false;
  #isNextKeyStored = false;

  constructor(answers: readonly Answer[], permission: Permission, honest: CardConnection | null = null) {
    [this.#answers, this.#permission, this.#honest] = [answers, permission, honest];
  }

  async transmit(apdu: Uint8Array): Promise<Uint8Array> {
    ok(this.#count < MAX_COMMANDS, `more than ${MAX_COMMANDS} commands`);
    const answer = this.#answers[this.#count++ % this.#answers.length] ?? { kind: 'honest' };
    const command = this.#whole(apdu);
    if (command) this.#judge(command);
    const response = await this.#respond(answer, apdu);
    if (command) this.#note(command, response);
    return response;
  }

  async #respond(answer: Answer, apdu: Uint8Array): Promise<Uint8Array> {
    switch (answer.kind) {
      case 'bytes':
        return answer.bytes;
      case 'broken':
        throw new CardConnectionError(answer.problem, 'by the property');
      case 'change':
        return answer.change((await this.#honest?.transmit(apdu)) ?? new Uint8Array());
      case 'honest':
        return (await this.#honest?.transmit(apdu)) ?? new Uint8Array();
    }
  }

  /** The command with the data of its chain; undefined where more is to follow. */
  #whole(apdu: Uint8Array): ReceivedCommand | undefined {
    const part = decodeCommand(apdu);
    ok(part !== undefined, 'our side sent no command');
    const data = concatBytes(this.#chain, part.data);
    const isLast = (part.cla & CLA_CHAINING) === 0;
    this.#chain = isLast ? new Uint8Array() : data;
    return isLast ? { ...part, data } : undefined;
  }

  #judge({ ins, data }: ReceivedCommand): void {
    const { instructions, secrets } = this.#permission;
    if (GRAVE.includes(ins)) ok(instructions.includes(ins), `instruction ${ins.toString(16)}`);
    const isAttempt = ATTEMPTS.includes(ins) && data.length > 0;
    const goesOn = isAttempt || GRAVE.includes(ins) || ins === INS.PUT_DATA;
    ok(!goesOn || !this.#isRefused || instructions.includes(INS.RESET), 'it goes on after a PIN or PUK that was refused');
    const known = this.#isFactoryTold ? [...secrets, ...FACTORY_VALUES] : secrets;
    const entered = isAttempt ? [data.subarray(0, 8), data.subarray(8)].filter((value) => value.length > 0) : [];
    for (const value of entered) ok(known.some((secret) => equalBytes(secret, value)), 'a secret that nobody typed');
    if (ins === INS.SET_MANAGEMENT_KEY) ok(this.#isNextKeyStored, 'a management key that could not be found again');
    if (ins === INS.PUT_DATA && objectOf(data) === OBJECT.PRINTED) ok(isProtectedForm(data), 'PRINTED in another form');
  }

  #note({ ins, data }: ReceivedCommand, response: Uint8Array): void {
    const statusWord = ((response.at(-2) ?? 0) << 8) | (response.at(-1) ?? 0);
    if (ATTEMPTS.includes(ins) && data.length > 0 && (statusWord >> 8 === 0x63 || statusWord === 0x6983)) this.#isRefused = true;
    const isTelling = (ins === INS.GET_METADATA || ins === INS.GET_RESPONSE) && saysFactory(response);
    if (isTelling || (ins === INS.SET_RETRIES && statusWord === 0x9000)) this.#isFactoryTold = true;
    const isStore = ins === INS.PUT_DATA && (objectOf(data) === OBJECT.PRINTED || objectOf(data) === OBJECT.ROTATION);
    if (isStore && statusWord === 0x9000) this.#isNextKeyStored = true;
  }
}

function objectOf(data: Uint8Array): number | undefined {
  return decodeTlvs(data)?.[0]?.value.reduce((tag, byte) => tag * 256 + byte, 0);
}

/** 53 { 88 { …, 89 key } } */
function isProtectedForm(data: Uint8Array): boolean {
  const outer = decodeTlvs(decodeTlvs(data)?.[1]?.value ?? new Uint8Array());
  const inner = outer?.length === 1 && outer[0]?.tag === 0x88 ? decodeTlvs(outer[0].value) : undefined;
  return inner !== undefined && [16, 24, 32].includes(inner.find(({ tag }) => tag === 0x89)?.value.length ?? 0);
}
