import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { canConnect, freePortPair, isListenedToBy } from './listening.ts';

/** Yubico's tools look for a reader of this name; pcscd appends the reader's and the slot's number. */
const FRIENDLY_NAME = 'Yubico YubiKey OTP+FIDO+CCID';
const PCSCD = '/usr/sbin/pcscd';
const DRIVER = 'libifdvpcd.so';
/** Where pcscd looks for drivers of USB readers. */
const USB_DRIVERS = '/usr/lib/pcsc/drivers';
const READY_LIMIT_MS = 20_000;
const PORT_ATTEMPTS = 5;

/** A pcscd of our own, out of reach of real readers and of other runs. */
export interface PrivatePcscd {
  /** What clients need in the environment variable PCSCLITE_CSOCK_NAME. */
  readonly socketPath: string;
  /** One for each reader, for insertIntoVpcd. */
  readonly ports: readonly number[];
  readonly readerNames: readonly string[];
  readonly processId: number;
  /** `process.env` with PCSCLITE_CSOCK_NAME. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/**
 * Starts a pcscd with one or two empty readers (the vpcd driver always has two slots; with one, the second stays
 * unnamed) in a mount namespace of its own: a folder of this run lies over /run, and an empty one over the drivers of
 * USB readers, so that real keys stay with the system's pcscd. Works as root and, by a user namespace, as anybody. It
 * dies with this process, however that ends. The driver listens on all interfaces.
 */
export async function startPrivatePcscd(options: { readonly readers?: 1 | 2 } = {}): Promise<PrivatePcscd> {
  const driver = findVpcdDriver();
  if (!existsSync(PCSCD)) throw new Error(`${PCSCD} is missing; install pcscd`);
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-pcscd-'));
    const port = await freePortPair();
    const pcscd = await launch(folder, driver, port);
    try {
      await ready(pcscd, folder, port);
      return describe(pcscd, folder, port, options.readers ?? 2);
    } catch (error) {
      await end(pcscd.process, folder);
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** The vpcd driver: in the folder LATCHKEY_VPCD_DRIVER, where set-up unpacks it in this checkout, or installed. */
export function findVpcdDriver(): string {
  const unpacked = fileURLToPath(new URL('../../.latchkey/vpcd/', import.meta.url));
  const serial = 'usr/lib/pcsc/drivers/serial';
  const named = process.env.LATCHKEY_VPCD_DRIVER;
  const folders = [...(named ? [named, join(named, serial)] : []), unpacked, join(unpacked, serial), join('/', serial)];
  const driver = folders.map((folder) => join(folder, DRIVER)).find((path) => existsSync(path));
  if (!driver) throw new Error(`The vpcd driver is missing (looked in ${folders.join(', ')}); install vsmartcard-vpcd or set LATCHKEY_VPCD_DRIVER`);
  return driver;
}

interface LaunchedPcscd {
  readonly process: ChildProcess;
  /** What it wrote, for an error message. */
  readonly output: { text: string };
}

async function launch(folder: string, driver: string, port: number): Promise<LaunchedPcscd> {
  const [run, configuration, noDrivers, ownDriver] = [join(folder, 'run'), join(folder, 'reader.conf.d'), join(folder, 'usb-drivers'), join(folder, DRIVER)];
  await Promise.all([run, configuration, noDrivers].map((path) => mkdir(path)));
  await mkdir(join(run, 'pcscd'));
  await copyFile(driver, ownDriver);
  const hexPort = `0x${port.toString(16).toUpperCase()}`;
  await writeFile(
    join(configuration, 'vpcd'),
    `FRIENDLYNAME "${FRIENDLY_NAME}"\nDEVICENAME /dev/null:${hexPort}\nLIBPATH ${ownDriver}\nCHANNELID ${hexPort}\n`,
  );
  const asRoot = process.getuid?.() === 0;
  const hideDrivers = existsSync(USB_DRIVERS) ? `mount --bind "$4" ${USB_DRIVERS} && ` : '';
  // Each step replaces the one before, so that the signal at this process's end reaches pcscd itself; it comes last
  // because a change of credentials would clear it.
  const script = `${hideDrivers}mount --bind "$1" /run && exec setpriv --pdeathsig KILL "$2" --foreground --config "$3"`;
  const child = spawn('unshare', [...(asRoot ? [] : ['--map-root-user']), '--mount', 'sh', '-c', script, 'pcscd', run, PCSCD, configuration, noDrivers], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
  });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output.text = (output.text + chunk.toString()).slice(-4000)));
  return { process: child, output };
}

/** pcscd opens its socket after its readers. Whose ports they are is asked of the kernel: a connection would be a card. */
async function ready({ process: child, output }: LaunchedPcscd, folder: string, port: number): Promise<void> {
  const failure = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`pcscd ended (${String(code ?? signal)}): ${output.text.trim()}`)));
  });
  const limit = AbortSignal.timeout(READY_LIMIT_MS);
  const accepts = async (): Promise<void> => {
    while (!(await canConnect(join(folder, 'run/pcscd/pcscd.comm')))) {
      limit.throwIfAborted();
      await sleep(20);
    }
    const isOurs = await Promise.all([port, port + 1].map((each) => isListenedToBy(child.pid ?? 0, each)));
    if (!isOurs.every(Boolean)) throw new Error(`Another process took the port ${port} or ${port + 1}: ${output.text.trim()}`);
  };
  await Promise.race([accepts(), failure]);
}

function describe(pcscd: LaunchedPcscd, folder: string, port: number, readers: 1 | 2): PrivatePcscd {
  const socketPath = join(folder, 'run/pcscd/pcscd.comm');
  const slots = readers === 1 ? [0] : [0, 1];
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', forget);
  return {
    socketPath,
    ports: slots.map((slot) => port + slot),
    readerNames: slots.map((slot) => `${FRIENDLY_NAME} 00 0${slot}`),
    processId: pcscd.process.pid ?? 0,
    environment: { ...process.env, PCSCLITE_CSOCK_NAME: socketPath },
    close: async () => {
      process.off('exit', forget);
      await end(pcscd.process, folder);
    },
  };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(impatience);
  }
  await rm(folder, { recursive: true, force: true });
}
