/** The device process without a process: the product's SecurityKey over a virtual key, behind the messages that main sends. */
import { failed, type Result } from '../../core/result.ts';
import type { PresentSecurityKey, SecurityKey } from '../../core/security-key.ts';
import type { FromDevice, ToDevice } from '../../electron/device/messages.ts';
import type { DeviceProcess } from '../../electron/main/device-client.ts';
import type { CardConnection } from '../../native/piv/connection.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { inProcessSecurityKey } from '../flows/in-process-key.ts';

export const READER = 'In process';

type Call = Extract<ToDevice, { kind: 'call' }>;

export type PassCommand = (process: DeviceInProcess, send: () => Promise<Uint8Array>) => Promise<Uint8Array>;

/** What is in the one reader: changed by tests between and during calls. */
export interface Slot {
  card: VirtualYubiKey | null;
  /** Every command passes here: `send` carries it out. A test may end the process, and never answer. */
  readonly pass?: PassCommand;
}

export class DeviceInProcess implements DeviceProcess {
  #hear: (message: FromDevice) => void = () => undefined;
  #end: (code: number) => void = () => undefined;
  #isEnded = false;
  /** Of the handles that calls came for. */
  readonly handles = new Set<number>();
  #lastWork: Promise<unknown> = Promise.resolve();

  constructor(private readonly slot: Slot) {
    this.lookAgain();
  }

  send(message: ToDevice): void {
    const copy = structuredClone(message);
    if (copy.kind !== 'call') return;
    this.handles.add(copy.handle);
    this.#inTurn(() => this.#answer(copy));
  }

  onMessage(listener: (message: FromDevice) => void): void {
    this.#hear = listener;
  }

  onExit(listener: (code: number) => void): void {
    this.#end = listener;
  }

  kill(): void {
    this.#isEnded = true;
    this.#end(9);
  }

  /** Reads what is in the reader, as after an insertion. */
  lookAgain(): void {
    this.#inTurn(async () => {
      this.#tellPresent(this.slot.card ? [{ kind: 'reading', readerName: READER }] : []);
      if (this.slot.card) await this.#readFacts();
    });
  }

  #inTurn(work: () => Promise<unknown>): void {
    this.#lastWork = this.#lastWork.then(work);
  }

  /** As native/security-keys.ts does it: facts are read again after work. */
  async #answer({ id, name, args }: Call): Promise<void> {
    try {
      const result = name === 'facts' ? await this.#readFacts() : await this.#perform(name, args);
      this.#tell({ kind: 'answer', id, result });
      if (name !== 'facts' && name !== 'inventory') await this.#readFacts();
    } catch (error) {
      this.#tell({ kind: 'bug', id, description: String(error) });
    }
  }

  async #perform(name: keyof SecurityKey, args: readonly unknown[]): Promise<Result<unknown>> {
    const key = this.#key();
    if (!key) return failed({ kind: 'security-key-removed' });
    const method = key[name] as (...all: readonly unknown[]) => Promise<Result<unknown>>;
    return method.call(key, ...args);
  }

  async #readFacts(): Promise<Result<unknown>> {
    const key = this.#key();
    if (!key) return failed({ kind: 'security-key-removed' });
    const facts = await key.facts();
    this.#tellPresent([facts.ok ? { kind: 'ready', readerName: READER, facts: facts.value } : { kind: 'problem', readerName: READER, failure: facts.failure }]);
    return facts;
  }

  #key(): SecurityKey | null {
    const { card, pass } = this.slot;
    if (!card) return null;
    const connection: CardConnection = { transmit: (command) => (pass ? pass(this, () => card.transmit(command)) : card.transmit(command)) };
    return inProcessSecurityKey(card, connection);
  }

  #tellPresent(keys: readonly PresentSecurityKey[]): void {
    this.#tell({ kind: 'situation', situation: { kind: 'present', keys } });
  }

  #tell(message: FromDevice): void {
    if (!this.#isEnded) this.#hear(structuredClone(message));
  }
}
