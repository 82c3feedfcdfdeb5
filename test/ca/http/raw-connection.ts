/** Sockets without any HTTP client between, for what no client would send. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { writePem } from '../../../core/x509/pem.ts';
import type { TestAuthority } from '../running-authority.ts';

export type ListenerName = 'https' | 'status';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received, once the other side has ended. */
  readonly ended: Promise<string>;
}

function watched(socket: Socket): RawConnection {
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  // A reset is an end as well.
  socket.on('error', () => undefined);
  return { socket, ended: new Promise((resolve) => socket.once('close', () => resolve(received))) };
}

/** A bare TCP connection, also to the HTTPS listener. */
export async function connectBare(authority: TestAuthority, listener: ListenerName, from = '127.0.0.1'): Promise<RawConnection> {
  const { port } = new URL(listener === 'https' ? authority.server.address : (authority.server.statusAddress ?? ''));
  const connection = watched(connectTcp({ host: '127.0.0.1', port: Number(port), localAddress: from }));
  await once(connection.socket, 'connect');
  return connection;
}

/** TLS where the listener speaks it. Rejects where the server ends the connection before. */
export async function connectRaw(authority: TestAuthority, listener: ListenerName, from = '127.0.0.1'): Promise<RawConnection> {
  const bare = await connectBare(authority, listener, from);
  if (listener === 'status') return bare;
  const tls = connectTls({ socket: bare.socket, ca: writePem(authority.pinned.caCertificate, 'CERTIFICATE'), servername: 'localhost' });
  const connection = watched(tls);
  await Promise.race([once(tls, 'secureConnect'), connection.ended.then(() => Promise.reject(new Error('The server ended the connection.')))]);
  return connection;
}

/** Sends bytes as they are, and answers what comes until the other side ends. */
export async function exchangeRaw(authority: TestAuthority, listener: ListenerName, bytes: string, from?: string): Promise<string> {
  const { socket, ended } = await connectRaw(authority, listener, from);
  socket.write(Buffer.from(bytes, 'latin1'));
  return ended;
}

/** Sends one byte after the other, slowly and without end, until the other side has had enough. */
export async function trickle({ socket, ended }: RawConnection, head: string, everyMs: number): Promise<string> {
  socket.write(head);
  const timer = setInterval(() => socket.writable && socket.write('a'), everyMs);
  try {
    return await ended;
  } finally {
    clearInterval(timer);
  }
}
