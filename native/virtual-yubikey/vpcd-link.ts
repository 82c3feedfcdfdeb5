import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A stream of bytes to the driver and back. */
export interface VpcdLink {
  readonly readable: Readable;
  readonly writable: Writable;
  /** Ends when pcscd has let go of the card, or could not be reached. */
  readonly closed: Promise<unknown>;
}

/** Opens a link to the vpcd driver at a TCP port of 127.0.0.1: through a relay of
 * Perl (0.4 ms a command), or without Perl directly (46 ms a command, see vpcd-relay.pl). */
export async function openVpcdLink(port: number): Promise<VpcdLink> {
  const relay = spawn('perl', [fileURLToPath(new URL('vpcd-relay.pl', import.meta.url)), String(port)], { stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = once(relay, 'close');
  try {
    await once(relay, 'spawn');
  } catch {
    closed.catch(() => undefined);
    return openDirectly(port);
  }
  // Writing to a relay that has just ended is told by 'close'.
  relay.stdin.on('error', () => undefined);
  return { readable: relay.stdout, writable: relay.stdin, closed };
}

async function openDirectly(port: number): Promise<VpcdLink> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  // A reset by the driver is told by 'close'.
  socket.on('error', () => undefined);
  return { readable: socket, writable: socket, closed: new Promise((resolve) => socket.once('close', resolve)) };
}
