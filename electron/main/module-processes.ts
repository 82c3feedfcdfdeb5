/**
 * Processes for PKCS#11 modules. The device process wants them and cannot start them, so main does, and carries messages
 * to and fro. Whatever a library does to its process, main and the device process live on.
 */
import { unreachable } from '../../core/result.ts';
import type { ModuleSight } from '../../native/pkcs11/module-host.ts';
import { modulePathOf, type OperationMessage, type OperationReply } from '../../native/pkcs11/operation.ts';
import type { FromModules, ToModules } from '../device/messages.ts';
import type { Log } from './log.ts';

/** The part of Electron's UtilityProcess that is used. */
export interface ModuleProcess {
  send(message: OperationMessage): void;
  onReply(listener: (reply: OperationReply) => void): void;
  onExit(listener: (code: number) => void): void;
  /** At once, even where it hangs in a library. */
  kill(): void;
}

export interface ModuleProcessesOptions {
  readonly start: (sight: ModuleSight) => ModuleProcess;
  /** Tells the device process. */
  readonly tell: (message: FromModules) => void;
  readonly log: Log;
}

interface RunningModule {
  readonly process: ModuleProcess;
  /** Path of the module it has last been asked to work with. */
  path: string | null;
  isWanted: boolean;
}

/** The module processes of one device process. */
export class ModuleProcesses {
  readonly #options: ModuleProcessesOptions;
  readonly #running = new Map<number, RunningModule>();

  constructor(options: ModuleProcessesOptions) {
    this.#options = options;
  }

  hear(message: ToModules): void {
    switch (message.kind) {
      case 'module-start':
        return this.#start(message.host, message.sight);
      case 'module-operation': {
        const running = this.#running.get(message.host);
        if (!running) return; // it has ended, and the device process is about to hear of it
        running.path = modulePathOf(message.message.operation);
        return running.process.send(message.message);
      }
      case 'module-end':
        return this.#end(message.host);
      default:
        return unreachable(message);
    }
  }

  /** The device process is gone, and nobody hears them any more. */
  endAll(): void {
    for (const host of this.#running.keys()) this.#end(host);
  }

  #start(host: number, sight: ModuleSight): void {
    const { start, tell, log } = this.#options;
    const running: RunningModule = { process: start(sight), path: null, isWanted: true };
    this.#running.set(host, running);
    running.process.onReply((reply) => tell({ kind: 'module-reply', host, reply }));
    running.process.onExit((code) => {
      this.#running.delete(host);
      if (running.isWanted) log.note(`the process of ${running.path ?? 'a module'} ended with exit code ${code}`);
      tell({ kind: 'module-exit', host });
    });
  }

  #end(host: number): void {
    const running = this.#running.get(host);
    if (!running) return;
    running.isWanted = false;
    running.process.kill();
  }
}
