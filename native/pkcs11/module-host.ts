/**
 * Where a vendor's library runs. PKCS#11 calls block (a signature up to 15 s, while the key waits for a finger), and a
 * library may crash or never return (OpenSC, to 0.27.1 at least, deadlocks where a key is pulled at the wrong moment); so
 * each module gets a process of its own: a crash is an outcome, a hang is ended by SIGKILL, and two modules never meet in
 * one address space. It starts at the first call, stays warm, and ends when it idles.
 *
 * Plain Node (CLI, CA, tests) forks it, here. Electron's device process cannot fork: the RunAsNode fuse is off in what we
 * ship. There main starts it as a utility process (electron/device/module-hosts.ts).
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OperationMessage, OperationReply } from './operation.ts';

/** One started process that answers operations. */
export interface ModuleHost {
  send(message: OperationMessage): void;
  /** Ends it at once. */
  end(): void;
  /** While a call is under way the host keeps our process alive, otherwise not. */
  setBusy(isBusy: boolean): void;
}

export interface ModuleHostEvents {
  readonly onReply: (reply: OperationReply) => void;
  /** The process is gone, by `end` or by itself. */
  readonly onExit: () => void;
}

/**
 * Whether the module finds readers. A module that is only asked what it is does not: OpenSC would connect to every card,
 * and wait for whoever works with one. Linux alone has a way to hide them.
 */
export type ModuleSight = 'readers' | 'no-readers';

export type StartModuleHost = (events: ModuleHostEvents, sight: ModuleSight) => ModuleHost;

/** The file to run, beside this one: worker.ts from the sources, pkcs11-worker.js in a bundle. */
export interface WorkerEntry {
  readonly path: string;
  readonly execArgv: readonly string[];
}

/** The worker entry that belongs to this file, as it runs now. */
export function defaultWorkerEntry(): WorkerEntry {
  if (import.meta.url.endsWith('.ts')) {
    return { path: fileURLToPath(new URL('./worker.ts', import.meta.url)), execArgv: ['--import', import.meta.resolve('tsx')] };
  }
  return { path: fileURLToPath(new URL('./pkcs11-worker.js', import.meta.url)), execArgv: [] };
}

/** Is `1` in the environment of a module's process, so that nobody takes it for another program. */
export const MODULE_PROCESS_VARIABLE = 'LATCHKEY_MODULE_PROCESS';

/** The environment of a module's process. pcsc-lite takes the place of its socket from a variable; nothing is at this one. */
export function moduleEnvironment(sight: ModuleSight): NodeJS.ProcessEnv {
  const blindfold = sight === 'readers' ? {} : { PCSCLITE_CSOCK_NAME: '/dev/null/pcscd.comm' };
  return { ...process.env, [MODULE_PROCESS_VARIABLE]: '1', ...blindfold };
}

/** A child process; for plain Node. */
export function inChildProcess(entry: WorkerEntry = defaultWorkerEntry()): StartModuleHost {
  return ({ onReply, onExit }, sight) => {
    // The library's own chatter goes nowhere: a debugging build may print PINs.
    const child = fork(entry.path, [], { execArgv: [...entry.execArgv], env: moduleEnvironment(sight), serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.on('message', (reply) => onReply(reply as OperationReply));
    child.on('error', () => undefined); // a failed start or send: `exit` or the time limit follows
    child.once('exit', () => {
      process.off('exit', kill);
      onExit();
    });
    return {
      send: (message) => void child.send(message, () => undefined),
      end: kill,
      setBusy: (isBusy) => (isBusy ? (child.ref(), child.channel?.ref()) : (child.unref(), child.channel?.unref())),
    };
  };
}
