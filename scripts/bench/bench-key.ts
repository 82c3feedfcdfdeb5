import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startPrivatePcscd, type PrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import type { KeyOrder, KeyReport } from './key-process.ts';

/** One virtual key in a private pcscd. */
export interface BenchKey {
  readonly readerName: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Pulls the key, and plugs it in again as it left the factory. Answers what it did before. */
  reset(): Promise<KeyReport>;
  /** Pulls the key, and plugs in another. Done when clients of pcscd can see it. */
  insert(firmware: string, serial: number, content: 'factory' | 'enrolled'): Promise<void>;
  /** What the key has done since it was inserted. */
  report(): Promise<KeyReport>;
  /** Pulls the key. Answers what it did. */
  remove(): Promise<KeyReport>;
  close(): Promise<void>;
}

/** How this process starts another TypeScript file. */
export const TSX_ARGUMENTS = ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];

/** Starts both. From here on this process and its children find that pcscd and no other. */
export async function startBenchKey(): Promise<BenchKey> {
  const pcscd = await startPrivatePcscd({ readers: 1 });
  process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
  const child = fork(fileURLToPath(new URL('./key-process.ts', import.meta.url)), { execArgv: TSX_ARGUMENTS });
  const [port] = pcscd.ports;
  const [readerName] = pcscd.readerNames;
  if (port === undefined || readerName === undefined) throw new Error('pcscd has no reader');
  return {
    readerName,
    environment: pcscd.environment,
    reset: () => tell(child, { kind: 'insert', port, firmware: '5.4.3', serial: 5_210_003, content: 'factory' }),
    insert: async (firmware, serial, content) => void (await tell(child, { kind: 'insert', port, firmware, serial, content })),
    report: () => tell(child, { kind: 'report' }),
    remove: () => tell(child, { kind: 'remove' }),
    close: () => end(child, pcscd),
  };
}

function tell(child: ChildProcess, order: KeyOrder): Promise<KeyReport> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('the process of the virtual key has ended'));
    child.once('exit', onExit);
    child.once('message', (report) => {
      child.off('exit', onExit);
      resolve(report as KeyReport);
    });
    child.send(order);
  });
}

async function end(child: ChildProcess, pcscd: PrivatePcscd): Promise<void> {
  await tell(child, { kind: 'remove' }).catch(() => undefined);
  child.disconnect();
  await pcscd.close();
}
