/** Random commands to a YubiKey that make sense in themselves, if not in their order. */
import { type Arbitrary, array, boolean, constant, constantFrom, nat, oneof, record, tuple, uint8Array } from 'fast-check';
import { concatBytes, fromHex } from '../../core/bytes.ts';
import type { ManagementKeyAlgorithm } from '../../core/security-key.ts';
import type { Command } from '../../native/piv/apdu.ts';
import { AID, INS, KEY_ALGORITHM, KEY_REFERENCE, MANAGEMENT_KEY_ALGORITHM, OBJECT } from '../../native/piv/identifiers.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import type { YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import { changes } from './changed-bytes.ts';
import { PRIVATE_KEYS } from './fixed-material.ts';
import { importElements, oddRsaElements } from './import-elements.ts';

/** What a person or a program does to the key. A command is written when its turn comes, because it may need the key's secrets. */
export type Step =
  | { readonly kind: 'command'; readonly name: string; readonly write: (state: YubiKeyState) => Command; readonly form: Form }
  /** Management key: the whole of it in two commands. */
  | { readonly kind: 'authenticate'; readonly isMutual: boolean; readonly with: 'right' | 'factory' }
  | { readonly kind: 'wire'; readonly apdu: Uint8Array }
  | { readonly kind: 'power'; readonly change: 'pull' | 'reset'; readonly isSelectedAgain: boolean }
  /** From here on the key is pulled after so many commands. */
  | { readonly kind: 'fault'; readonly pullAfterCommands: number; readonly pullLoses: 'command' | 'answer' };

/** How a command goes over the wire; `change` is what happens to its bytes there. */
export interface Form {
  readonly length: 'short' | 'extended';
  readonly change: ((bytes: Uint8Array) => Uint8Array) | null;
  /** APDUs of a chain that are sent; the rest never comes. */
  readonly parts: number;
}

export const AS_IT_IS: Form = { length: 'short', change: null, parts: Number.POSITIVE_INFINITY };

type Secret = (state: YubiKeyState) => Uint8Array;

const right = (which: 'pin' | 'puk'): Secret => (state) => fromHex(state[which].value);
const wrong: Secret = () => fromHex('393939393939ffff');
const padded = (text: string): Uint8Array => concatBytes(new TextEncoder().encode(text), new Uint8Array(8).fill(0xff)).subarray(0, 8);

/** More right ones than wrong, for otherwise every sequence would soon be about a blocked key. */
const secret = (which: 'pin' | 'puk'): Arbitrary<Secret> => constantFrom(right(which), right(which), right(which), wrong);
/** New values: good, factory, trivial, too short, no ASCII, padded in the middle. */
const newValue = oneof(
  constantFrom('246813', '86421357', 'secret!1', '123456', '12345678', '111111', 'password', '12345', '').map(padded),
  constantFrom('ffffffffffffffff', 'c3a4c3b6c3bcffff', '3132ffff33343536').map(fromHex),
  uint8Array({ minLength: 8, maxLength: 8 }),
);

const slot = constantFrom(0x9a, 0x9a, 0x9a, 0x9c, 0x9d, 0x9e, 0x82, 0x95, 0xf9, 0x9b, 0x96);
const algorithm = constantFrom<number[]>(KEY_ALGORITHM.ECCP256, KEY_ALGORITHM.ECCP256, KEY_ALGORITHM.ED25519, KEY_ALGORITHM.X25519, KEY_ALGORITHM.ECCP384, 0x77);
const tag = constantFrom<number[]>(OBJECT.PRINTED, OBJECT.AUTHENTICATION_CERTIFICATE, OBJECT.ADMIN_DATA, OBJECT.CHUID, OBJECT.DISCOVERY, OBJECT.ATTESTATION_CERTIFICATE, 0x5fc103, 0x5fff15, 0x7f61);
const policies = tuple(nat(4), nat(4)).map(([pin, touch]) => concatBytes(encodeTlv(0xaa, Uint8Array.of(pin)), encodeTlv(0xab, Uint8Array.of(touch))));

function tagBytes(tag: number): Uint8Array {
  return encodeTlv(0x5c, tag > 0xffff ? Uint8Array.of(tag >> 16, (tag >> 8) & 0xff, tag & 0xff) : tag > 0xff ? Uint8Array.of(tag >> 8, tag & 0xff) : Uint8Array.of(tag));
}

const command = (name: string, written: Arbitrary<(state: YubiKeyState) => Command>): Arbitrary<{ readonly name: string; readonly write: (state: YubiKeyState) => Command }> => written.map((write) => ({ name, write }));
const fixed = (name: string, written: Arbitrary<Command>): ReturnType<typeof command> => command(name, written.map((value) => () => value));
const sized = (length: number): Uint8Array => new Uint8Array(length).fill(0x2b);

const select = fixed('select', constantFrom(AID.PIV, AID.PIV, AID.PIV, AID.PIV, AID.MANAGEMENT, fromHex('d2760001240102')).map((data) => ({ ins: INS.SELECT, p1: 4, data })));
const verify = command('verify', secret('pin').map((pin) => (state) => ({ ins: INS.VERIFY, p2: KEY_REFERENCE.PIN, data: pin(state) })));
const verifyState = fixed('verify nothing', constantFrom({ ins: INS.VERIFY, p2: 0x80 }, { ins: INS.VERIFY, p1: 0xff, p2: 0x80 }));
const changePin = command('change PIN', tuple(secret('pin'), newValue).map(([pin, value]) => (state) => ({ ins: INS.CHANGE_REFERENCE_DATA, p2: KEY_REFERENCE.PIN, data: concatBytes(pin(state), value) })));
const changePuk = command('change PUK', tuple(secret('puk'), newValue).map(([puk, value]) => (state) => ({ ins: INS.CHANGE_REFERENCE_DATA, p2: KEY_REFERENCE.PUK, data: concatBytes(puk(state), value) })));
const unblock = command('unblock', tuple(secret('puk'), newValue).map(([puk, value]) => (state) => ({ ins: INS.RESET_RETRY_COUNTER, p2: KEY_REFERENCE.PIN, data: concatBytes(puk(state), value) })));
const retries = fixed('set retries', tuple(constantFrom(0, 1, 3, 255), constantFrom(0, 1, 3, 255)).map(([p1, p2]) => ({ ins: INS.SET_RETRIES, p1, p2 })));
const reset = fixed('reset', constant({ ins: INS.RESET }));
const put = fixed('put', tuple(tag, oneof(uint8Array({ maxLength: 60 }), constantFrom(300, 3052, 3053).map(sized))).map(([object, value]) => ({ ins: INS.PUT_DATA, p1: 0x3f, p2: 0xff, data: concatBytes(tagBytes(object), encodeTlv(0x53, value)) })));
const get = fixed('get', tag.map((object) => ({ ins: INS.GET_DATA, p1: 0x3f, p2: 0xff, data: tagBytes(object) })));
const metadata = fixed('metadata', oneof(slot, constantFrom(0x80, 0x81)).map((p2) => ({ ins: INS.GET_METADATA, p2 })));
const generate = fixed('generate', tuple(slot, algorithm, policies).map(([p2, id, wanted]) => ({ ins: INS.GENERATE_ASYMMETRIC, p2, data: encodeTlv(0xac, encodeTlv(0x80, Uint8Array.of(id)), wanted) })));
const move = fixed('move', tuple(oneof(slot, constant(0xff)), slot).map(([p1, p2]) => ({ ins: INS.MOVE_KEY, p1, p2 })));
const attest = fixed('attest', slot.map((p1) => ({ ins: INS.ATTEST, p1 })));
const sign = fixed('sign', tuple(slot, algorithm, constantFrom(0, 1, 20, 32, 33, 48, 256), constantFrom(0x81, 0x81, 0x85)).map(([p2, p1, length, what]) => ({ ins: INS.GENERAL_AUTHENTICATE, p1, p2, data: encodeTlv(0x7c, encodeTlv(0x82), encodeTlv(what, sized(length))) })));
/** With the algorithm and length of the key that is there. */
const signRight = command('sign right', constantFrom(0x9a, 0x9c, 0x9c, 0x9d, 0x9e).map((p2) => (state) => {
  const keyType = state.keys[p2.toString(16)]?.keyType ?? 'ECCP256';
  return { ins: INS.GENERAL_AUTHENTICATE, p1: KEY_ALGORITHM[keyType], p2, data: encodeTlv(0x7c, encodeTlv(0x82), encodeTlv(0x81, sized(keyType === 'RSA2048' ? 256 : 32))) };
}));
const telling = fixed('version, serial, next part', constantFrom({ ins: INS.GET_VERSION }, { ins: INS.GET_SERIAL }, { ins: INS.GET_RESPONSE }, { ins: INS.GET_RESPONSE, le: 3 }, { ins: 0x1d }, { ins: 0x77, data: sized(900) }));
const elements = oneof(
  { weight: 6, arbitrary: tuple(constantFrom(...(Object.keys(PRIVATE_KEYS) as (keyof typeof PRIVATE_KEYS)[])), changes(1)).map(([keyType, change]) => [keyType, change(importElements(keyType))] as const) },
  { weight: 1, arbitrary: oddRsaElements.map((bytes) => ['RSA2048', bytes] as const) },
);
const importKey = fixed('import', tuple(slot, elements, policies).map(([p2, [keyType, bytes], wanted]) => ({ ins: INS.IMPORT_KEY, p1: KEY_ALGORITHM[keyType], p2, data: concatBytes(bytes, wanted) })));
const setManagementKey = fixed(
  'set management key',
  tuple(constantFrom<ManagementKeyAlgorithm[]>('3DES', 'AES-128', 'AES-192', 'AES-256'), constantFrom(0xff, 0xff, 0xfe, 0xfd, 0x00), uint8Array({ minLength: 32, maxLength: 32 }), boolean()).map(([name, p2, bytes, isWeak]) => {
    const { id, keyLength } = MANAGEMENT_KEY_ALGORITHM[name];
    return { ins: INS.SET_MANAGEMENT_KEY, p1: 0xff, p2, data: concatBytes(Uint8Array.of(id, 0x9b, keyLength), isWeak ? new Uint8Array(keyLength).fill(1) : bytes.subarray(0, keyLength)) };
  }),
);

/** Mostly as it should be; every fifth is changed on its way, every tenth is a chain that breaks off. */
const form: Arbitrary<Form> = record(
  {
    length: constantFrom<Form['length'][]>('short', 'short', 'short', 'extended'),
    change: oneof({ weight: 4, arbitrary: constant(null) }, { weight: 1, arbitrary: changes(2) }),
    parts: oneof({ weight: 9, arbitrary: constant(99) }, { weight: 1, arbitrary: constantFrom(1, 2) }),
  },
  { noNullPrototype: true },
);

const anyCommand: Arbitrary<Step> = tuple(
  oneof(select, verify, verify, verify, verifyState, changePin, changePuk, unblock, retries, reset, reset, put, put, get, get, metadata, generate, importKey, move, attest, sign, signRight, signRight, setManagementKey, telling),
  form,
).map(([{ name, write }, form]) => ({ kind: 'command', name, write, form }));

const authenticate: Arbitrary<Step> = tuple(boolean(), constantFrom<('right' | 'factory')[]>('right', 'right', 'right', 'factory')).map(([isMutual, key]) => ({ kind: 'authenticate', isMutual, with: key }));
const power: Arbitrary<Step> = tuple(constantFrom<('pull' | 'reset')[]>('pull', 'reset'), boolean()).map(([change, isSelectedAgain]) => ({ kind: 'power', change, isSelectedAgain }));
const fault: Arbitrary<Step> = tuple(nat(6), constantFrom<('command' | 'answer')[]>('command', 'answer')).map(([pullAfterCommands, pullLoses]) => ({ kind: 'fault', pullAfterCommands, pullLoses }));
const wire: Arbitrary<Step> = uint8Array({ maxLength: 40 }).map((apdu) => ({ kind: 'wire', apdu }));

/** Up to `maxLength` steps. */
export function steps(maxLength: number): Arbitrary<readonly Step[]> {
  return array(oneof({ weight: 20, arbitrary: anyCommand }, { weight: 4, arbitrary: authenticate }, { weight: 1, arbitrary: power }, { weight: 1, arbitrary: fault }, { weight: 1, arbitrary: wire }), { maxLength, size: 'max' });
}

/** Nothing but noise, much of it with the class and an instruction of a command. */
export const noise: Arbitrary<readonly Step[]> = array(
  oneof(wire, tuple(constantFrom(0, 0x10), constantFrom<number[]>(...Object.values(INS)), uint8Array({ maxLength: 30 })).map(([cla, ins, rest]): Step => ({ kind: 'wire', apdu: concatBytes(Uint8Array.of(cla, ins), rest) }))),
  { maxLength: 30, size: 'max' },
);
