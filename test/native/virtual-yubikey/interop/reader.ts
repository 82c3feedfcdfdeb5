/** A virtual key in a reader of its own pcscd, and programs that use it as they would a real one. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivatePcscd } from '../../../../native/virtual-yubikey/private-pcscd.ts';
import type { PrivatePcscd } from '../../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../../native/virtual-yubikey/virtual-yubikey.ts';
import type { VirtualYubiKeyOptions } from '../../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd } from '../../../../native/virtual-yubikey/vpcd.ts';
import type { VpcdInsertion } from '../../../../native/virtual-yubikey/vpcd.ts';

export const YKCS11 = '/usr/lib/x86_64-linux-gnu/libykcs11.so';
export const FACTORY_MANAGEMENT_KEY = '010203040506070801020304050607080102030405060708';
const PROGRAM_LIMIT_MS = 30_000;

export interface ProgramRun {
  readonly exitCode: number;
  /** Standard output and standard error. */
  readonly output: string;
}

export interface ReaderUnderTest {
  readonly key: VirtualYubiKey;
  readonly insertion: VpcdInsertion;
  readonly readerName: string;
  readonly environment: NodeJS.ProcessEnv;
  /** INS bytes of the commands that reached the key, in hex. */
  readonly instructions: string[];
  /** A path in a folder of this run. */
  path(name: string): string;
  run(program: string, ...args: readonly string[]): Promise<ProgramRun>;
  /** The same; throws, with everything printed, where it fails. Answers what it printed. */
  succeed(program: string, ...args: readonly string[]): Promise<string>;
  ykman(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** `shared`: a pcscd that serves other keys before or after this one, and that whoever started it closes. */
export async function startReader(options: Partial<VirtualYubiKeyOptions> = {}, shared?: PrivatePcscd): Promise<ReaderUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-interop-'));
  const pcscd = shared ?? (await startPrivatePcscd({ readers: 1 }));
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5210001, autoTouch: true, ...options });
  const instructions: string[] = [];
  const transmit = key.transmit.bind(key);
  key.transmit = (command) => {
    instructions.push((command[1] ?? 0).toString(16).padStart(2, '0'));
    return transmit(command);
  };
  const [port = 0, readerName = ''] = [pcscd.ports[0], pcscd.readerNames[0]];
  const insertion = await insertIntoVpcd(key, { port });
  const environment = pcscd.environment;
  const run = (program: string, ...args: readonly string[]): Promise<ProgramRun> => runProgram(program, args, environment);
  const succeed = async (program: string, ...args: readonly string[]): Promise<string> => {
    const { exitCode, output } = await run(program, ...args);
    if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}:\n${output}`);
    return output;
  };
  return {
    key,
    insertion,
    readerName,
    environment,
    instructions,
    path: (name) => join(folder, name),
    run,
    succeed,
    ykman: (...args) => succeed('ykman', '--reader', readerName, ...args),
    close: async () => {
      await insertion.close();
      if (!shared) await pcscd.close();
      await rm(folder, { recursive: true, force: true });
      if (key.bugs.length > 0) throw new AggregateError(key.bugs, 'The virtual key had bugs');
    },
  };
}

function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { env, timeout: PROGRAM_LIMIT_MS }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error);
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr });
    });
    child.stdin?.end();
  });
}
