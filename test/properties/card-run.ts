/** Carries random steps out on a virtual YubiKey, under the eyes of a witness. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { concatBytes, fromHex } from '../../core/bytes.ts';
import { type Command, encodeChain } from '../../native/piv/apdu.ts';
import { CardConnectionError } from '../../native/piv/connection.ts';
import { AID, FACTORY, INS, KEY_REFERENCE, MANAGEMENT_KEY_ALGORITHM } from '../../native/piv/identifiers.ts';
import { decodeTlvs, encodeTlv } from '../../native/piv/tlv.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import type { Form, Step } from './card-steps.ts';
import { CardWitness, answerTo } from './card-witness.ts';

export class CardRun {
  readonly #key: VirtualYubiKey;
  readonly #witness: CardWitness;

  constructor(options: VirtualYubiKeyOptions) {
    this.#key = new VirtualYubiKey(options);
    this.#witness = new CardWitness(this.#key);
  }

  /** Selects PIV; `isOpened`: with the PIN verified, where that is possible, and the management key authenticated. */
  async begin(isOpened: boolean): Promise<void> {
    await this.#selectPiv();
    if (!isOpened) return;
    await this.#verifyRight();
    await this.#authenticate(true, 'right');
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'command':
        return this.#send(step.write(this.#witness.state), step.form);
      case 'authenticate':
        return this.#authenticate(step.isMutual, step.with);
      case 'wire':
        await this.#transmit(step.apdu);
        return;
      case 'power':
        if (step.change === 'pull') this.#key.powerOff();
        else this.#key.reset();
        this.#key.powerOn();
        this.#witness.lostPower();
        return step.isSelectedAgain ? this.#selectPiv() : undefined;
      case 'fault':
        return this.#key.setFaults({ pullAfterCommands: step.pullAfterCommands, pullLoses: step.pullLoses });
    }
  }

  /** What must still be possible, whatever happened: to ask, to verify or be told "blocked", to authenticate, to reset. */
  async end(): Promise<void> {
    this.#key.setFaults({});
    await this.#selectPiv();
    strictEqual((await this.#transmit(Uint8Array.of(0, INS.GET_VERSION, 0, 0, 0)))?.length, 5, 'the version');
    const { pin, puk } = this.#witness.state;
    deepStrictEqual(await this.#verifyRight(), pin.attemptsLeft === 0 ? '6983' : '9000', 'the right PIN');
    const reset = await this.#transmit(Uint8Array.of(0, INS.RESET, 0, 0));
    deepStrictEqual(Buffer.from(reset ?? []).toString('hex'), pin.attemptsLeft === 0 && puk.attemptsLeft === 0 ? '9000' : '6985', 'a reset');
  }

  #selectPiv(): Promise<void> {
    return this.#send({ ins: INS.SELECT, p1: 4, data: AID.PIV });
  }

  async #verifyRight(): Promise<string> {
    const response = await this.#transmit(concatBytes(Uint8Array.of(0, INS.VERIFY, 0, KEY_REFERENCE.PIN, 8), fromHex(this.#witness.state.pin.value)));
    return Buffer.from(response ?? []).toString('hex');
  }

  async #send(command: Command, form?: Form): Promise<void> {
    const apdus = form?.length === 'extended' ? [extendedApdu(command)] : encodeChain(command);
    for (const apdu of apdus.slice(0, form?.parts ?? apdus.length)) await this.#transmit(form?.change ? form.change(apdu) : apdu);
  }

  async #authenticate(isMutual: boolean, which: 'right' | 'factory'): Promise<void> {
    const { algorithm, value } = this.#witness.state.managementKey;
    const key = which === 'right' ? fromHex(value) : FACTORY.MANAGEMENT_KEY.subarray(0, MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength);
    const header = { ins: INS.GENERAL_AUTHENTICATE, p1: MANAGEMENT_KEY_ALGORITHM[algorithm].id, p2: KEY_REFERENCE.MANAGEMENT };
    const [asked] = encodeChain({ ...header, data: encodeTlv(0x7c, encodeTlv(isMutual ? 0x80 : 0x81)) });
    const response = await this.#transmit(asked ?? new Uint8Array());
    const template = response && decodeTlvs(response.subarray(0, -2))?.[0]?.value;
    const [block] = (template && decodeTlvs(template)) ?? [];
    if (block === undefined || key.length !== MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength) return;
    const proof = answerTo(isMutual ? 'witness' : 'challenge', algorithm, key, block.value);
    const parts = isMutual ? [encodeTlv(0x80, proof), encodeTlv(0x81, new Uint8Array(block.value.length))] : [encodeTlv(0x82, proof)];
    await this.#send({ ...header, data: encodeTlv(0x7c, ...parts) });
  }

  /** Answers null where the key was pulled; it is plugged in again then. */
  async #transmit(apdu: Uint8Array): Promise<Uint8Array | null> {
    let response: Uint8Array | null = null;
    try {
      response = await this.#key.transmit(apdu);
      ok(response.length >= 2, 'an answer without a status word');
    } catch (error) {
      if (!(error instanceof CardConnectionError)) throw error;
    }
    this.#witness.exchanged(apdu, response);
    if (response === null) await this.#plugInAgain();
    return response;
  }

  async #plugInAgain(): Promise<void> {
    this.#key.setFaults({});
    this.#key.powerOn();
    await this.#selectPiv();
  }
}

/** An extended APDU (ISO 7816-4, 5.1): lengths in three and two bytes. */
function extendedApdu({ ins, p1 = 0, p2 = 0, data = new Uint8Array() }: Command): Uint8Array {
  const header = Uint8Array.of(0, ins, p1, p2, 0);
  return data.length === 0 ? concatBytes(header, Uint8Array.of(0, 0)) : concatBytes(header, Uint8Array.of(data.length >> 8, data.length & 0xff), data, Uint8Array.of(0, 0));
}
