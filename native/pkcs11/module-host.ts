/**
 * Where a vendor's library runs. PKCS#11 calls block (a signature up to 15 s, while the key waits for a finger), and a
 * library may crash or never return (OpenSC, to 0.27.1 at least, deadlocks where a key is pulled at the wrong moment); so it never runs on the thread that listens to readers and windows.
 *
 * In plain Node (CLI, CA, tests) each module gets a child process: a crash is an outcome, a hang is ended by SIGKILL,
 * and two modules never meet in one address space. It starts at the first call, stays warm, and ends when it idles.
 * Electron's utility process cannot fork: the RunAsNode fuse is off in what we ship. There the module gets a thread of
 * the device process. Its main thread goes on hearing readers; a crash takes the device process, which exists for that
 * and which main starts anew; a thread stuck in a library cannot be ended, so `onStuck` (pkcs11-modules.ts) tells the
 * device process to end itself.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { OperationMessage, OperationReply } from './operation.ts';

/** One started process or thread that answers operations. */
export interface ModuleHost {
  send(message: OperationMessage): void;
  /** Ends it at once; where that is impossible (a stuck thread), answers false. */
  end(): boolean;
  /** While a call is under way the host keeps our process alive, otherwise not. */
  setBusy(isBusy: boolean): void;
}

export interface ModuleHostEvents {
  readonly onReply: (reply: OperationReply) => void;
  /** The process or thread is gone, by `end` or by itself. */
  readonly onExit: () => void;
}

export type StartModuleHost = (events: ModuleHostEvents) => ModuleHost;

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

/** A child process; for plain Node. */
export function inChildProcess(entry: WorkerEntry = defaultWorkerEntry()): StartModuleHost {
  return ({ onReply, onExit }) => {
    // The library's own chatter goes nowhere: a debugging build may print PINs.
    const child = fork(entry.path, [], { execArgv: [...entry.execArgv], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
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
      end: () => (kill(), true),
      setBusy: (isBusy) => (isBusy ? (child.ref(), child.channel?.ref()) : (child.unref(), child.channel?.unref())),
    };
  };
}

/** A thread of this process; for Electron's device process. */
export function inThread(entry: WorkerEntry = defaultWorkerEntry()): StartModuleHost {
  return ({ onReply, onExit }) => {
    const worker = new Worker(entry.path, { execArgv: [...entry.execArgv] });
    let isIdle = true;
    worker.on('message', (reply: OperationReply) => onReply(reply));
    worker.on('error', () => undefined); // `exit` follows
    worker.once('exit', onExit);
    return {
      send: (message) => worker.postMessage(message),
      end: () => {
        if (isIdle) void worker.terminate();
        return isIdle;
      },
      setBusy: (isBusy) => {
        isIdle = !isBusy;
        if (isBusy) worker.ref();
        else worker.unref();
      },
    };
  };
}

/** The host for the program we are in. */
export function defaultModuleHost(): StartModuleHost {
  return process.versions['electron'] === undefined ? inChildProcess() : inThread();
}
