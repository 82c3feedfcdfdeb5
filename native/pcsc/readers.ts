/** Watching readers with pcsc-mini. Nothing here connects to a card, so nobody else is kept from one. */
import { setTimeout as wait } from 'node:timers/promises';
import { Client, ReaderStatus, type Reader } from 'pcsc-mini';
import type { SecurityKeyFailure } from '../../core/failures.ts';
import { pcscCode, serviceFailure } from './errors.ts';

/** How often a missing service is looked for again. */
const RETRY_MILLISECONDS = 500;

/** pcsc-mini's queue of four events was full: the service is well, but what it said is not known. */
const EVENTS_LOST = 'StatusEventBufferOverflow';

/** What the readers hold. A card in the same reader again is another `insertion`. */
export type ReadersState =
  | { readonly kind: 'unavailable'; readonly failure: SecurityKeyFailure }
  | { readonly kind: 'available'; readonly cards: readonly PresentCard[] };

export interface PresentCard {
  readonly reader: Reader;
  readonly readerName: string;
  /** Counts insertions over all readers. */
  readonly insertion: number;
  /** The card gives no sign of life (SCARD_STATE_MUTE). */
  readonly isMute: boolean;
}

/**
 * Clients whose service died. pcsc-mini 0.1.3 cannot stop such a client (InvalidHandle), tries it again when the client
 * is collected, and throws there, where nothing can catch it: so they are never collected. One for each death of pcscd.
 */
const unstoppableClients: Client[] = [];

/**
 * Stopping a client cancels the wait of its thread and joins it. pcsc-lite loses a cancellation that comes while the
 * thread does not wait, because it is busy with what just happened; the join then lasts up to a minute, and this thread
 * with it (measured). So a client is stopped only when nothing has happened for a moment.
 */
const QUIET_MILLISECONDS = 100;
/** Other programs may keep a reader busy for ever. */
const MAX_WAIT_FOR_QUIET_MILLISECONDS = 1000;

/** The high word of a reader's state counts insertions and removals (SCardGetStatusChange, dwEventState). */
const EVENT_COUNT_SHIFT = 16;

/** A card, and what the reader counted when it came. */
interface WatchedCard extends PresentCard {
  readonly eventCount: number;
}

/** Tells `listener` of the readers at once and at every change, until {@link close}; finds the service again by itself. */
export class ReaderWatcher {
  readonly #listener: (state: ReadersState) => void;
  readonly #cards = new Map<string, WatchedCard>();
  #client = new Client();
  #retry: NodeJS.Timeout | undefined;
  #toldFailure: string | undefined;
  #insertions = 0;
  /** When the client last said something; performance.now(). */
  #lastHeard = 0;
  #isTelling = false;
  #isClosed = false;

  constructor(listener: (state: ReadersState) => void) {
    this.#listener = listener;
    this.#start();
  }

  /** Stops watching, once the readers are quiet. The listener hears nothing more from now on. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#quiet();
    this.#stop();
  }

  async #quiet(): Promise<void> {
    const giveUpAt = performance.now() + MAX_WAIT_FOR_QUIET_MILLISECONDS;
    for (;;) {
      const now = performance.now();
      const rest = Math.min(this.#lastHeard + QUIET_MILLISECONDS, giveUpAt) - now;
      if (rest <= 0 || !this.#client.running()) return;
      await wait(rest);
    }
  }

  #start(): void {
    const client = this.#client;
    this.#lastHeard = performance.now();
    client.on('reader', (reader) => this.#watch(reader));
    client.on('error', (error) => this.#lost(pcscCode(error) ?? 'UnknownError'));
    try {
      client.start();
    } catch (error) {
      client.removeAllListeners();
      const code = pcscCode(error);
      if (code === undefined) throw error;
      return this.#unavailable(code);
    }
    this.#toldFailure = undefined;
    this.#tell();
  }

  /** The monitoring thread has ended, or (and goes on) has lost events: begin again with a new client. */
  #lost(code: string): void {
    if (this.#isClosed) return;
    const begin = (then: () => void): void => {
      this.#stop();
      this.#client = new Client();
      this.#cards.clear();
      then();
    };
    if (code !== EVENTS_LOST) return begin(() => this.#unavailable(code));
    this.#client.removeAllListeners();
    this.#retry = setTimeout(() => begin(() => this.#start()), QUIET_MILLISECONDS);
  }

  #unavailable(code: string): void {
    const failure = serviceFailure(code);
    if (this.#toldFailure !== failure.kind) {
      this.#toldFailure = failure.kind;
      this.#listener({ kind: 'unavailable', failure });
    }
    this.#retry = setTimeout(() => this.#start(), RETRY_MILLISECONDS);
  }

  #stop(): void {
    this.#client.removeAllListeners();
    try {
      if (this.#client.running()) this.#client.stop();
    } catch (error) {
      if (pcscCode(error) === undefined) throw error;
      unstoppableClients.push(this.#client);
    }
  }

  #watch(reader: Reader): void {
    const readerName = reader.name();
    reader.on('change', (status) => {
      this.#lastHeard = performance.now();
      const isPresent = status.has(ReaderStatus.PRESENT);
      const known = this.#cards.get(readerName);
      if (!isPresent) {
        if (this.#cards.delete(readerName)) this.#tell();
        return;
      }
      const isMute = status.has(ReaderStatus.MUTE);
      // An exchange of cards that went by unseen (this process or the computer slept) shows in the count alone.
      const eventCount = status.raw >>> EVENT_COUNT_SHIFT;
      if (known && known.isMute === isMute && known.eventCount === eventCount) return; // Only who uses the card has changed.
      this.#cards.set(readerName, { reader, readerName, insertion: ++this.#insertions, isMute, eventCount });
      this.#tell();
    });
    reader.on('disconnect', () => {
      this.#lastHeard = performance.now();
      if (this.#cards.delete(readerName)) this.#tell();
    });
  }

  /** Once for all changes that come together: at the start the readers are told one after the other. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      if (this.#isClosed || this.#toldFailure !== undefined) return;
      this.#listener({ kind: 'available', cards: [...this.#cards.values()] });
    });
  }
}
