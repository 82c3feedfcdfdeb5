/** Two readers of one private pcscd, and the port on the keys that are put into them. */
import { expect } from 'vitest';
import type { SecurityKey, SecurityKeyFacts, SecurityKeys } from '../../core/security-key.ts';
import { createSecurityKeys } from '../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { modelKey, type Model } from '../native/piv/direct-access.ts';
import { keyWithSerial, nextSituation, presentKeys } from '../native/pcsc/situations.ts';

/** Every key of a run has a serial of its own, so that the one before cannot be taken for it. */
let lastSerial = 5_210_000;

export interface InsertedKey {
  readonly key: VirtualYubiKey;
  readonly insertion: VpcdInsertion;
  readonly facts: SecurityKeyFacts;
  readonly securityKey: SecurityKey;
}

export class ContractReaders {
  readonly pcscd: PrivatePcscd;
  readonly keys: SecurityKeys;
  /** The first is the one that the last key went into. */
  readonly #ports: [number, number];
  /** The last insertions, being closed. */
  #leaving: [Promise<void>, Promise<void>] = [Promise.resolve(), Promise.resolve()];

  private constructor(pcscd: PrivatePcscd, modulePath: string | null) {
    this.pcscd = pcscd;
    this.keys = createSecurityKeys({ moduleChoice: modulePath ?? 'none' });
    this.#ports = pcscd.ports as [number, number];
  }

  /** One pcscd serves a whole file, because libpcsclite looks for its socket once. */
  static async start(modulePath: string | null): Promise<ContractReaders> {
    const pcscd = await startPrivatePcscd();
    process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
    return new ContractReaders(pcscd, modulePath);
  }

  newKey(options: Pick<VirtualYubiKeyOptions, 'firmware' | 'fips'>): VirtualYubiKey {
    return new VirtualYubiKey({ ...options, serial: ++lastSerial, touchTimeLimitMs: 300 });
  }

  /** A key in another's state, with a serial of its own. */
  newKeyLike(other: VirtualYubiKey, model: Model): VirtualYubiKey {
    const serial = ++lastSerial;
    return modelKey(model, { serial, state: { ...other.exportState(), serial } });
  }

  /** Puts a key into the reader that was used less recently. */
  async insert(key: VirtualYubiKey): Promise<InsertedKey> {
    this.#ports.reverse();
    await this.#leaving[1];
    return this.insertHere(key);
  }

  /** Puts a key into the reader that the last one went into, and has left. */
  async insertHere(key: VirtualYubiKey): Promise<InsertedKey> {
    const insertion = await insertIntoVpcd(key, { port: this.#ports[0] });
    const facts = await keyWithSerial(this.keys, key.serial);
    return { key, insertion, facts, securityKey: this.keys.at(facts.readerName) };
  }

  /** Pulls a key; done when it is seen to be gone, because a key put in before that goes unnoticed. */
  async pull({ insertion, facts: { readerName } }: InsertedKey): Promise<void> {
    await insertion.remove();
    await nextSituation(this.keys, (situation) => presentKeys(situation)?.every((present) => present.readerName !== readerName) ?? false);
  }

  /** Puts the same key back. */
  async putBack({ key, insertion }: InsertedKey): Promise<void> {
    await insertion.insert();
    await keyWithSerial(this.keys, key.serial);
  }

  /** The end of a test: pcscd looks for cards every 400 ms, so while one key leaves, the next comes into the other reader. */
  leave(inserted: InsertedKey): void {
    this.#leaving = [this.pull(inserted), this.#leaving[0]];
    expect(inserted.key.bugs).toEqual([]);
  }

  /** Until the key before the last is gone: the other reader is empty. */
  async otherIsEmpty(): Promise<void> {
    await this.#leaving[0];
  }

  async close(): Promise<void> {
    await Promise.all(this.#leaving);
    await this.keys.close();
    await this.pcscd.close();
  }
}
