import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** What a hand does to a key. */
export const CONTROL_ACTIONS = ['insert', 'remove', 'touch'] as const;
export type ControlAction = (typeof CONTROL_ACTIONS)[number];

const controlledKey = z.object({
  serial: z.number().int(),
  /** Whose it is, such as "user". */
  label: z.string(),
  firmware: z.string(),
  isInserted: z.boolean(),
  isWaitingForTouch: z.boolean(),
});
/** A virtual key as the hand sees it. */
export type ControlledKey = z.infer<typeof controlledKey>;

/** Client to server, one JSON object a line. */
export const controlRequest = z.object({ id: z.number().int(), serial: z.number().int(), action: z.enum(CONTROL_ACTIONS) });
export type ControlRequest = z.infer<typeof controlRequest>;

/** Server to client: all keys, at the start and at every change, and the end of an action. */
const controlMessage = z.union([z.object({ keys: z.array(controlledKey) }), z.object({ id: z.number().int(), problem: z.string().nullable() })]);
export type ControlMessage = z.infer<typeof controlMessage>;

/** The hand's side of a control socket (native/virtual-yubikey/control-server.ts is the keys' side). */
export interface ControlClient {
  readonly keys: readonly ControlledKey[];
  /** Calls back with all keys at once and at every change; the returned function ends it. */
  watch(listener: (keys: readonly ControlledKey[]) => void): () => void;
  /** Done when pcscd has noticed, or the finger was felt. Rejects where there is no such key, reader or wish for a touch. */
  act(serial: number, action: ControlAction): Promise<void>;
  /** Ends when the server is gone. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to the virtual keys behind a Unix domain socket, and waits for their state. */
export async function connectControl(socketPath: string): Promise<ControlClient> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  const client = new LineClient(socket);
  await Promise.race([client.begun, client.closed]);
  return client;
}

class LineClient implements ControlClient {
  keys: readonly ControlledKey[] = [];
  readonly begun: Promise<void>;
  readonly closed: Promise<void>;
  private tellBegun: () => void = () => undefined;
  private readonly listeners = new Set<(keys: readonly ControlledKey[]) => void>();
  private readonly waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  private lastId = 0;

  constructor(private readonly socket: Socket) {
    this.begun = new Promise((resolve) => (this.tellBegun = resolve));
    // A broken connection is told by 'close'.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => this.giveUp());
    createInterface({ input: socket }).on('line', (line) => this.receive(controlMessage.parse(JSON.parse(line))));
  }

  watch(listener: (keys: readonly ControlledKey[]) => void): () => void {
    this.listeners.add(listener);
    listener(this.keys);
    return () => this.listeners.delete(listener);
  }

  act(serial: number, action: ControlAction): Promise<void> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('The virtual keys are gone'));
      this.waiting.set(id, { resolve, reject });
      this.socket.write(`${JSON.stringify({ id, serial, action } satisfies ControlRequest)}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(message: ControlMessage): void {
    if ('keys' in message) {
      this.keys = message.keys;
      this.tellBegun();
      for (const listener of this.listeners) listener(message.keys);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.problem === null) waiting?.resolve();
    else waiting?.reject(new Error(message.problem));
  }

  private giveUp(): void {
    for (const { reject } of this.waiting.values()) reject(new Error('The virtual keys are gone'));
    this.waiting.clear();
  }
}
