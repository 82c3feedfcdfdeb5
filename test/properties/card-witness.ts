/**
 * Watches a virtual YubiKey from outside and says what it may never do. It knows the key's secrets and the bytes on the
 * wire, and nothing of the code that is watched: a right exists where the right secret went over the wire and the key
 * said 9000.
 */
import { ok, strictEqual } from 'node:assert/strict';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fromHex } from '../../core/bytes.ts';
import type { ManagementKeyAlgorithm } from '../../core/security-key.ts';
import { INS, KEY_REFERENCE, OBJECT } from '../../native/piv/identifiers.ts';
import { decodeTlvs } from '../../native/piv/tlv.ts';
import { privateKeyOf } from '../../native/virtual-yubikey/key-pair.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import type { YubiKeyState } from '../../native/virtual-yubikey/state.ts';

const CIPHER: Readonly<Record<ManagementKeyAlgorithm, string>> = { '3DES': 'des-ede3', 'AES-128': 'aes-128-ecb', 'AES-192': 'aes-192-ecb', 'AES-256': 'aes-256-ecb' };
/** First bytes of the status words that the standard and Yubico name for PIV. */
const STATUS_CLASSES: readonly number[] = [0x61, 0x63, 0x67, 0x68, 0x69, 0x6a, 0x6c, 0x6d, 0x6e, 0x90];
const CHAINING = 0x10;
const PRINTED = OBJECT.PRINTED.toString(16);
const ATTESTATION_CERTIFICATE = OBJECT.ATTESTATION_CERTIFICATE.toString(16);
const ATTESTATION_KEY = 'f9';
const MIN_SECRET_LENGTH = 6;
/** Header and a length in three bytes. */
const EMPTY_COMMAND_LENGTH = 7;
/** Header, length, and a PIN. */
const MIN_ATTEMPT_LENGTH = 13;

/** One APDU as it was. `statusWord` is null where the key was pulled before it answered. */
interface Exchange {
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** Not a part of a chain that more is to follow. */
  readonly isLast: boolean;
  /** Of the APDU alone. */
  readonly length: number;
  /** Everything sent since the last chain ended. */
  readonly wire: Buffer;
  readonly answer: Buffer;
  readonly statusWord: number | null;
  readonly before: YubiKeyState;
  readonly after: YubiKeyState;
}

export class CardWitness {
  readonly #key: VirtualYubiKey;
  #before: YubiKeyState;
  #wire = Buffer.alloc(0);
  readonly #conversation: string[] = [];
  #isPinVerified = false;
  /** No private key was used since: PIN policy "always". */
  #isPinFresh = false;
  #isManagementAuthenticated = false;
  /** What answers the card's last witness or challenge. */
  #proof: Buffer | null = null;

  constructor(key: VirtualYubiKey) {
    this.#key = key;
    this.#before = key.exportState();
  }

  /** What the key remembers now. */
  get state(): YubiKeyState {
    return this.#before;
  }

  /** The key lost power or was reset: no rights are left, and nothing it remembers may have changed. */
  lostPower(): void {
    this.#endSession();
    this.#wire = Buffer.alloc(0);
    strictEqual(JSON.stringify(this.#key.exportState()), JSON.stringify(this.#before));
  }

  /** Judges one APDU. `response` is null where none came. */
  exchanged(apdu: Uint8Array, response: Uint8Array | null): void {
    const [cla = 0, ins = 0, p1 = 0, p2 = 0] = apdu;
    this.#wire = Buffer.concat([this.#wire, apdu]);
    const answer = Buffer.from(response ?? []);
    const statusWord = response === null ? null : answer.readUInt16BE(answer.length - 2);
    const isLast = (cla & CHAINING) === 0;
    const exchange: Exchange = { ins, p1, p2, isLast, length: apdu.length, wire: this.#wire, answer: answer.subarray(0, -2), statusWord, before: this.#before, after: this.#key.exportState() };
    this.#conversation.push(`${Buffer.from(apdu).toString('hex')} → ${answer.toString('hex')}`);
    this.#judge(exchange);
    if (isLast) {
      this.#noteRights(exchange);
      this.#wire = Buffer.alloc(0);
    }
    this.#before = exchange.after;
    if (response === null) this.#endSession();
  }

  /** Says with a verdict what was said before it: the steps of a case do not show their bytes. */
  #judge(exchange: Exchange): void {
    try {
      this.#judgeAnswer(exchange);
      this.#judgeSecrets(exchange);
      this.#judgeRefusal(exchange);
      this.#judgeContents(exchange);
      this.#judgeReset(exchange);
    } catch (error) {
      throw new Error([error instanceof Error ? error.message : String(error), ...this.#conversation].join('\n'), { cause: error });
    }
  }

  #judgeAnswer({ answer, statusWord, before, ins, p2 }: Exchange): void {
    ok(this.#key.bugs.length === 0, `the virtual key has a bug: ${String(this.#key.bugs[0])}`);
    if (statusWord === null) return;
    ok(STATUS_CLASSES.includes(statusWord >> 8), `status word ${statusWord.toString(16)}`);
    ok(answer.length === 0 || statusWord === 0x9000 || statusWord >> 8 === 0x61, 'data with a refusal');
    if (answer.length < MIN_SECRET_LENGTH) return;
    ok(this.#isPinVerified || !tellsPrinted(answer, before.objects), 'PRINTED told without the PIN');
    ok(Object.values(before.keys).every((key) => !answer.includes(secretNumber(key.privateKey))), 'a private key told');
    const used = ins === INS.GENERAL_AUTHENTICATE && p2 !== KEY_REFERENCE.MANAGEMENT ? before.keys[p2.toString(16)] : undefined;
    if (used?.pinPolicy === 'once') ok(this.#isPinVerified, 'a private key used without the PIN');
    if (used?.pinPolicy === 'always') ok(this.#isPinFresh, 'a private key used without a fresh PIN');
  }

  /** Attempts come back, and values change, with the right secret on the wire alone. */
  #judgeSecrets({ ins, wire, statusWord, before, after }: Exchange): void {
    const [pin, puk] = [Buffer.from(before.pin.value, 'hex'), Buffer.from(before.puk.value, 'hex')];
    const isAllReset = (ins === INS.SET_RETRIES && this.#isManagementAuthenticated && this.#isPinVerified) || (ins === INS.RESET && isBlocked(before));
    const hasPin = [INS.VERIFY, INS.CHANGE_REFERENCE_DATA].some((each) => each === ins) && wire.includes(pin) && before.pin.attemptsLeft > 0;
    const hasPuk = [INS.CHANGE_REFERENCE_DATA, INS.RESET_RETRY_COUNTER].some((each) => each === ins) && wire.includes(puk) && before.puk.attemptsLeft > 0;
    const isUnblocked = ins === INS.RESET_RETRY_COUNTER && hasPuk;
    for (const [name, mayRise] of [['pin', hasPin || isUnblocked], ['puk', hasPuk]] as const) {
      const [old, now] = [before[name], after[name]];
      ok(now.attemptsLeft >= 0 && now.attemptsLeft <= now.attemptsTotal, `${name} attempts ${now.attemptsLeft} of ${now.attemptsTotal}`);
      if (isAllReset) continue;
      strictEqual(now.attemptsTotal, old.attemptsTotal, `${name} attempts in all`);
      ok(now.attemptsLeft >= old.attemptsLeft - 1, `${name} lost more than one attempt`);
      ok(now.attemptsLeft <= old.attemptsLeft || mayRise, `${name} attempts came back`);
      ok(now.value === old.value || (mayRise && ins !== INS.VERIFY && (statusWord === null || statusWord === 0x9000)), `${name} changed`);
    }
  }

  /** A wrong secret costs one attempt, and the answer tells how many are left: 63Cx, x at most 15. Asking costs none. */
  #judgeRefusal({ ins, p2, isLast, wire, length, statusWord, before, after }: Exchange): void {
    if (!isLast || statusWord === null || statusWord >> 8 !== 0x63) return;
    const which = ins === INS.RESET_RETRY_COUNTER || p2 === KEY_REFERENCE.PUK ? 'puk' : 'pin';
    const left = after[which].attemptsLeft;
    const cost = before[which].attemptsLeft - left;
    if (length >= MIN_ATTEMPT_LENGTH) strictEqual(cost, 1, `${which} attempts after a wrong one`);
    if (wire.length <= EMPTY_COMMAND_LENGTH) strictEqual(cost, 0, `${which} attempts after a question`);
    strictEqual(statusWord, 0x63c0 | Math.min(left, 15));
  }

  /** Keys, certificates, objects and the management key change for who holds the management key, or by a reset. */
  #judgeContents({ ins, before, after }: Exchange): void {
    for (const part of ['serial', 'firmware', 'fips', 'formFactor'] as const) strictEqual(after[part], before[part]);
    const isAllowed = this.#isManagementAuthenticated || (ins === INS.RESET && isBlocked(before));
    if (isAllowed) return;
    for (const part of ['keys', 'objects', 'managementKey'] as const) strictEqual(JSON.stringify(after[part]), JSON.stringify(before[part]), `${part} changed without the management key`);
  }

  #judgeReset({ ins, isLast, statusWord, before, after }: Exchange): void {
    if (ins !== INS.RESET || !isLast || statusWord !== 0x9000) return;
    ok(isBlocked(before), 'reset with attempts left');
    ok(Object.keys(after.keys).every((slot) => slot === ATTESTATION_KEY) && Object.keys(after.objects).every((tag) => tag === ATTESTATION_CERTIFICATE), 'something outlived a reset');
    strictEqual(after.keys[ATTESTATION_KEY]?.privateKey, before.keys[ATTESTATION_KEY]?.privateKey, 'the attestation key');
  }

  #noteRights({ ins, p1, p2, wire, answer, statusWord, before }: Exchange): void {
    const isSuccess = statusWord === 0x9000;
    const isPart = statusWord !== null && statusWord >> 8 === 0x61;
    if (ins === INS.SELECT && (isSuccess || isPart)) return this.#endSession();
    if (ins === INS.RESET && isSuccess) return this.#endSession();
    if (ins === INS.SET_RETRIES && isSuccess) this.#isPinVerified = false;
    if (ins === INS.VERIFY && p2 === KEY_REFERENCE.PIN && statusWord !== null) {
      if (isSuccess && wire.includes(Buffer.from(before.pin.value, 'hex'))) this.#isPinVerified = this.#isPinFresh = true;
      else if (statusWord >> 8 === 0x63 || statusWord === 0x6983 || (isSuccess && p1 === 0xff)) this.#isPinVerified = false;
    }
    if (ins !== INS.GENERAL_AUTHENTICATE) return;
    if (p2 === KEY_REFERENCE.MANAGEMENT) this.#noteAuthentication(wire, answer, isSuccess, before);
    else if (isSuccess || isPart) this.#isPinFresh = false;
  }

  /** A refusal may or may not end the right: the witness goes on believing that it may be there. */
  #noteAuthentication(wire: Buffer, answer: Buffer, isSuccess: boolean, { managementKey }: YubiKeyState): void {
    if (isSuccess) this.#isManagementAuthenticated = this.#proof !== null && wire.includes(this.#proof);
    const template = decodeTlvs(answer)?.find(({ tag }) => tag === 0x7c)?.value;
    const [asked] = (template && decodeTlvs(template)) ?? [];
    const what = asked?.tag === 0x80 ? 'witness' : asked?.tag === 0x81 ? 'challenge' : null;
    this.#proof = what === null || asked === undefined ? null : answerTo(what, managementKey.algorithm, fromHex(managementKey.value), asked.value);
  }

  #endSession(): void {
    this.#isPinVerified = this.#isPinFresh = this.#isManagementAuthenticated = false;
    this.#proof = null;
  }
}

function isBlocked({ pin, puk }: YubiKeyState): boolean {
  return pin.attemptsLeft === 0 && puk.attemptsLeft === 0;
}

/** What somebody who has the management key answers (73-4 part 2, A.1): a witness decrypted, a challenge encrypted. */
export function answerTo(what: 'witness' | 'challenge', algorithm: ManagementKeyAlgorithm, key: Uint8Array, block: Uint8Array): Buffer {
  const cipher = what === 'witness' ? createDecipheriv(CIPHER[algorithm], key, null) : createCipheriv(CIPHER[algorithm], key, null);
  return Buffer.concat([cipher.setAutoPadding(false).update(block)]);
}

/** Whether an answer has the end of PRINTED in it, and no other object ends like that. */
function tellsPrinted(answer: Buffer, objects: YubiKeyState['objects']): boolean {
  const printed = Buffer.from(objects[PRINTED] ?? '', 'base64').subarray(-16);
  if (printed.length < 16 || !answer.includes(printed)) return false;
  return !Object.entries(objects).some(([tag, content]) => tag !== PRINTED && Buffer.from(content, 'base64').includes(printed));
}

/** What is secret of a private key, by its DER PKCS#8 in base64: the scalar, or the private exponent. */
function secretNumber(privateKey: string): Buffer {
  let secret = SECRET_NUMBERS.get(privateKey);
  if (secret === undefined) {
    if (SECRET_NUMBERS.size > MAX_REMEMBERED) SECRET_NUMBERS.clear();
    secret = Buffer.from(privateKeyOf(Buffer.from(privateKey, 'base64')).export({ format: 'jwk' }).d ?? '', 'base64url');
    SECRET_NUMBERS.set(privateKey, secret);
  }
  return secret;
}

const SECRET_NUMBERS = new Map<string, Buffer>();
const MAX_REMEMBERED = 1000;
