import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { concatBytes } from '../../core/bytes.ts';
import { CardConnectionError } from '../piv/connection.ts';
import type { VirtualYubiKey } from './virtual-yubikey.ts';

/** Control bytes of the vpcd protocol: payloads of length one (vsmartcard, virtualsmartcard). */
const CONTROL = { POWER_OFF: 0, POWER_ON: 1, RESET: 2, ATR: 4 } as const;

/** A virtual key and the reader it is meant for. */
export interface VpcdInsertion {
  readonly isInserted: boolean;
  /** Plugs the key in; done when pcscd has seen it. Fails where nothing listens at the port. */
  insert(): Promise<void>;
  /** Pulls the key. */
  remove(): Promise<void>;
  /** Pulls the key for good. */
  close(): Promise<void>;
}

/** Connects `key` to a reader slot of pcscd's vpcd driver on 127.0.0.1, and plugs it in. */
export async function insertIntoVpcd(key: VirtualYubiKey, options: { readonly port: number }): Promise<VpcdInsertion> {
  const insertion = new Insertion(key, options.port);
  await insertion.insert();
  return insertion;
}

class Insertion implements VpcdInsertion {
  private socket: Socket | undefined;
  private received = new Uint8Array();
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly key: VirtualYubiKey,
    private readonly port: number,
  ) {}

  get isInserted(): boolean {
    return this.socket !== undefined;
  }

  async insert(): Promise<void> {
    if (this.socket) return;
    const socket = connect({ host: '127.0.0.1', port: this.port, noDelay: true });
    await once(socket, 'connect');
    this.socket = socket;
    this.received = new Uint8Array();
    this.key.powerOn();
    const seen = once(socket, 'data');
    socket.on('data', (chunk: Buffer) => this.receive(socket, chunk));
    // A reset from pcscd's side is an end of the connection, told by 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => this.forget(socket));
    await Promise.race([seen, once(socket, 'close')]);
  }

  async remove(): Promise<void> {
    const { socket } = this;
    if (!socket) return;
    const closed = once(socket, 'close');
    this.key.powerOff();
    socket.destroy();
    await closed;
  }

  close(): Promise<void> {
    return this.remove();
  }

  private forget(socket: Socket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.key.powerOff();
  }

  private receive(socket: Socket, chunk: Uint8Array): void {
    this.received = concatBytes(this.received, chunk);
    for (;;) {
      const [high, low] = this.received;
      if (high === undefined || low === undefined) return;
      const end = 2 + ((high << 8) | low);
      if (this.received.length < end) return;
      const payload = this.received.slice(2, end);
      this.received = this.received.slice(end);
      this.queue = this.queue.then(() => this.handle(socket, payload));
    }
  }

  private async handle(socket: Socket, payload: Uint8Array): Promise<void> {
    const [control] = payload;
    if (payload.length === 1) {
      if (control === CONTROL.ATR) send(socket, this.key.atr);
      else if (control === CONTROL.POWER_OFF || control === CONTROL.POWER_ON || control === CONTROL.RESET) this.key.reset();
      return;
    }
    try {
      send(socket, await this.key.transmit(payload));
    } catch (error) {
      if (!(error instanceof CardConnectionError)) throw error;
      socket.destroy(); // pulled: by hand or by a fault
    }
  }
}

function send(socket: Socket, payload: Uint8Array): void {
  if (socket.destroyed) return;
  socket.write(concatBytes(Uint8Array.of(payload.length >> 8, payload.length & 0xff), payload));
}
