import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';

/** /proc/net/tcp's name of the state LISTEN. */
const LISTEN = '0A';

/** Whether a process of this machine listens at a TCP port, told by the kernel and without connecting. */
export async function isListening(port: number): Promise<boolean> {
  return (await listeningSockets(port)).length > 0;
}

/** Whether it is the process `pid` that listens. */
export async function isListenedToBy(pid: number, port: number): Promise<boolean> {
  const sockets = await listeningSockets(port);
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return sockets.some((inode) => targets.includes(`socket:[${inode}]`));
}

/** Inodes of the sockets that listen at `port` (proc(5): fields local address, state and inode of /proc/net/tcp). */
async function listeningSockets(port: number): Promise<readonly string[]> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')));
  return tables
    .flatMap((table) => table.split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN)
    .map((fields) => fields[9] ?? '');
}

/** Whether somebody accepts at a Unix domain socket. */
export function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port that is free now, and the one after it as well. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 65535 && !(await isListening(port + 1)) && (await canListen(port + 1))) return port;
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port'))));
    });
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
