import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes } from '../../core/bytes.ts';
import { CardConnectionError } from '../piv/connection.ts';
import type { VirtualYubiKey } from './virtual-yubikey.ts';
import { openVpcdLink } from './vpcd-link.ts';
import type { VpcdLink } from './vpcd-link.ts';

/** Control bytes of the vpcd protocol: payloads of length one (vsmartcard, virtualsmartcard). */
const CONTROL = { POWER_OFF: 0, POWER_ON: 1, RESET: 2, ATR: 4 } as const;

/**
 * pcscd looks at a reader every 400 ms (PCSCLITE_STATUS_POLL_RATE). Where a key is pulled in the middle of a command, it is
 * the driver that finds out, and lets go before pcscd has looked: a key that comes until then is the old one for pcscd,
 * and is never powered on.
 */
const LOOKED_AFTER_MS = 600;
/** pcscd notices within a second, or never: it may let go of the former key in other ways than by looking, too. */
const NOTICED_WITHIN_MS = 4000;
const MAX_ATTEMPTS = 3;
/** By port: performance.now() from when on pcscd has seen the reader empty. */
const seenEmptyAt = new Map<number, number>();

/** A virtual key and the reader it is meant for. */
export interface VpcdInsertion {
  readonly isInserted: boolean;
  /** Plugs the key in; done when clients of pcscd see it, within a second. Throws where no driver listens at the port. */
  insert(): Promise<void>;
  /** Pulls the key at once; done when pcscd has noticed, within half a second. */
  remove(): Promise<void>;
  /** Pulls the key for good. */
  close(): Promise<void>;
}

/** Plugs `key` into the reader of pcscd's vpcd driver that listens at `port` of 127.0.0.1. */
export async function insertIntoVpcd(key: VirtualYubiKey, options: { readonly port: number }): Promise<VpcdInsertion> {
  const insertion = new Insertion(key, options.port);
  await insertion.insert();
  return insertion;
}

class Insertion implements VpcdInsertion {
  private current: Conversation | undefined;

  constructor(
    private readonly key: VirtualYubiKey,
    private readonly port: number,
  ) {}

  get isInserted(): boolean {
    return this.current !== undefined;
  }

  async insert(): Promise<void> {
    for (let attempt = 1; !this.current; attempt++) {
      if (await this.connect()) return;
      if (attempt === MAX_ATTEMPTS) throw new Error(`pcscd took no card at port ${this.port}: is its vpcd driver there, and the reader free?`);
    }
  }

  /** Answers whether pcscd has noticed. */
  private async connect(): Promise<boolean> {
    await sleep(Math.max(0, (seenEmptyAt.get(this.port) ?? 0) - performance.now()));
    const link = await openVpcdLink(this.port);
    const conversation = new Conversation(this.key, link);
    this.current = conversation;
    this.key.powerOn();
    const closed = link.closed.then(() => {
      if (conversation.isBroken) seenEmptyAt.set(this.port, performance.now() + LOOKED_AFTER_MS);
      if (this.current !== conversation) return;
      this.current = undefined;
      this.key.powerOff();
    });
    const patience = new AbortController();
    const unnoticed = sleep(NOTICED_WITHIN_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([conversation.seen, closed, unnoticed]);
    patience.abort();
    if (conversation.isSeen) return true;
    conversation.isBroken = true;
    await this.remove();
    return false;
  }

  async remove(): Promise<void> {
    const conversation = this.current;
    if (!conversation) return;
    this.key.powerOff();
    conversation.end();
    await conversation.link.closed;
  }

  close(): Promise<void> {
    return this.remove();
  }
}

/** From one insertion to the next removal: pcscd asks, the key answers, one message at a time. */
class Conversation {
  isSeen = false;
  /** It ended in the middle of a command. */
  isBroken = false;
  readonly seen: Promise<void>;
  private tellSeen: () => void = () => undefined;
  private received = new Uint8Array();
  private queue: Promise<void> = Promise.resolve();
  private isEnded = false;
  private asksSincePowerOn = -1;

  constructor(
    private readonly key: VirtualYubiKey,
    readonly link: VpcdLink,
  ) {
    this.seen = new Promise((resolve) => (this.tellSeen = resolve));
    link.readable.on('data', (chunk: Buffer) => this.receive(chunk));
  }

  /** Says no more: the driver takes that for an empty reader. */
  end(): void {
    this.isEnded = true;
    this.link.writable.end();
  }

  private receive(chunk: Uint8Array): void {
    this.received = concatBytes(this.received, chunk);
    for (;;) {
      const [high, low] = this.received;
      if (high === undefined || low === undefined) return;
      const end = 2 + ((high << 8) | low);
      if (this.received.length < end) return;
      const payload = this.received.slice(2, end);
      this.received = this.received.slice(end);
      this.queue = this.queue.then(() => this.handle(payload));
    }
  }

  private async handle(payload: Uint8Array): Promise<void> {
    this.notice(payload);
    const [control] = payload;
    if (payload.length === 1) {
      if (control === CONTROL.ATR) this.send(this.key.atr);
      else this.key.reset(); // off, on and reset alike end every session
      return;
    }
    if (this.isEnded) this.isBroken = true;
    try {
      this.send(await this.key.transmit(payload));
    } catch (error) {
      if (!(error instanceof CardConnectionError)) throw error;
      this.isBroken = true;
      this.end(); // pulled: by hand or by a fault
    }
  }

  /**
   * pcscd looks, powers the card on and asks for the ATR, then tells its clients. So whatever it asks after that shows
   * that clients know of the card.
   */
  private notice(payload: Uint8Array): void {
    if (payload.length === 1 && payload[0] === CONTROL.POWER_ON) this.asksSincePowerOn = 0;
    else if (this.asksSincePowerOn >= 0) this.asksSincePowerOn += 1;
    if (this.isSeen || this.asksSincePowerOn < 2) return;
    this.isSeen = true;
    this.tellSeen();
  }

  private send(payload: Uint8Array): void {
    if (this.isEnded) return;
    this.link.writable.write(concatBytes(Uint8Array.of(payload.length >> 8, payload.length & 0xff), payload));
  }
}
