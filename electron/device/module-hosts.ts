/** Processes for PKCS#11 modules, for the device process: main starts them, and carries messages to and fro. */
import type { ModuleHostEvents, StartModuleHost } from '../../native/pkcs11/module-host.ts';
import type { FromModules, ToModules } from './messages.ts';

export class ModuleHosts {
  readonly #tell: (message: ToModules) => void;
  readonly #running = new Map<number, ModuleHostEvents>();
  #lastHost = 0;

  constructor(tell: (message: ToModules) => void) {
    this.#tell = tell;
  }

  readonly start: StartModuleHost = (events, sight) => {
    const host = ++this.#lastHost;
    this.#running.set(host, events);
    this.#tell({ kind: 'module-start', host, sight });
    return {
      send: (message) => this.#tell({ kind: 'module-operation', host, message }),
      end: () => this.#tell({ kind: 'module-end', host }),
      setBusy: () => undefined, // main keeps this process alive
    };
  };

  hear(message: FromModules): void {
    const events = this.#running.get(message.host);
    if (message.kind === 'module-reply') return events?.onReply(message.reply);
    this.#running.delete(message.host);
    events?.onExit();
  }
}
