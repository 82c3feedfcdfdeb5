/** Who uses the smart card service. Only Linux tells, and only of processes that this user may look at. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { MODULE_PROCESS_VARIABLE } from '../pkcs11/module-host.ts';
import { serviceSocketPath } from './errors.ts';

/** A program that has the service open, or its library loaded. */
export interface ServiceClient {
  /** As the system has it: at most 15 characters. */
  readonly name: string;
  /** It has loaded a PKCS#11 module: a browser or a mail program, most often. */
  readonly hasModule: boolean;
}

/** A PKCS#11 module among the files that a process has mapped; libp11-kit alone is in every program that uses GnuTLS. */
const MODULE_FILE = /\/[^/\n]*(pkcs11|ykcs11|p11-kit-proxy)[^/\n]*\.so/i;

/** `ss` walks through all processes; it takes some 20 ms. */
const SS_MILLISECONDS = 3000;

/** Programs that use the pcscd that we use; ourselves, our module processes and pcscd are not among them. */
export async function serviceClients(): Promise<readonly ServiceClient[]> {
  if (process.platform !== 'linux') return [];
  const socket = await inodeOf(serviceSocketPath(process.env));
  if (socket === undefined) return [];
  const connected = connectedTo(socket, await listSockets());
  // Without `ss`, or where it does not know the socket's file: whoever has the library loaded may be connected.
  const clients = await Promise.all(connected ? connected.map(describeProcess) : (await runningProcesses()).map((id) => libraryUser(id, socket)));
  return clients.filter((client) => client !== undefined);
}

/** A line of `ss --unix --extended --processes`: inodes of this end and of the other, then who has this end open, and its file. */
const SOCKET_LINE = /^u_\w+\s+\S+\s+\d+\s+\d+\s+.*?\s(\d+)\s+\S+\s+(\d+)\b(.*)$/;

/**
 * Ids of the processes at the other end of the connections that were made to the socket file with this inode; undefined
 * where none are known, though we have one ourselves. By inode, for the name is that in pcscd's own mount namespace.
 */
export function connectedTo(socketInode: number, listing: string): readonly number[] | undefined {
  const sockets = listing.split('\n').map((line) => SOCKET_LINE.exec(line) ?? []).map(([, inode = '', peer = '', rest = '']) => ({ inode, peer, rest }));
  const isOurs = new RegExp(`\\bino:${socketInode}\\b`);
  const clientEnds = new Set(sockets.filter(({ rest }) => isOurs.test(rest)).map(({ peer }) => peer));
  if (clientEnds.size === 0) return undefined;
  const owners = sockets.filter(({ inode }) => clientEnds.has(inode)).flatMap(({ rest }) => [...rest.matchAll(/",pid=(\d+),/g)].map((match) => Number(match[1])));
  return [...new Set(owners)];
}

function listSockets(): Promise<string> {
  return new Promise((resolve) => {
    execFile('ss', ['--unix', '--extended', '--processes', '--no-header'], { timeout: SS_MILLISECONDS, maxBuffer: 1 << 24 }, (error, output) => resolve(error ? '' : output));
  });
}

async function describeProcess(processId: number): Promise<ServiceClient | undefined> {
  if (processId === process.pid) return undefined;
  const [name, maps, environment] = await Promise.all((['comm', 'maps', 'environ'] as const).map((file) => read(processId, file)));
  if (!name || name.trim() === 'pcscd' || environment?.split('\0').includes(`${MODULE_PROCESS_VARIABLE}=1`)) return undefined;
  return { name: name.trim(), hasModule: MODULE_FILE.test(maps ?? '') };
}

/** A process with pcsc-lite's library, whose socket is the one with this inode. */
async function libraryUser(processId: number, socketInode: number): Promise<ServiceClient | undefined> {
  const [maps = '', environment = ''] = await Promise.all([read(processId, 'maps'), read(processId, 'environ')]);
  if (!maps.includes('libpcsclite')) return undefined;
  const variables = Object.fromEntries(environment.split('\0').map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]));
  const inode = await inodeOf(serviceSocketPath(variables));
  return inode === socketInode ? describeProcess(processId) : undefined;
}

async function runningProcesses(): Promise<readonly number[]> {
  return (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** undefined: it has ended, or is not ours to look at. */
function read(processId: number, file: 'comm' | 'maps' | 'environ'): Promise<string | undefined> {
  return readFile(`/proc/${processId}/${file}`, 'utf8').catch(() => undefined);
}

function inodeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );
}
