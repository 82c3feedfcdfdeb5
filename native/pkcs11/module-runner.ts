/**
 * Operations of one module, one after the other, in a host that is started when needed and replaced after a crash or a
 * hang. The clock runs from one PKCS#11 function to the next: silence longer than the limit is a hang.
 */
import { awakeTimeout } from '../../core/awake-timeout.ts';
import { moduleFailed, type ModuleResult } from './module-failure.ts';
import type { ModuleHost, ModuleSight, StartModuleHost } from './module-host.ts';
import type { Operation, OperationReply, OperationValues, Phase } from './operation.ts';

/** How long a module may be silent, in ms; time asleep does not count. */
export interface ModuleLimits {
  /** Until the process runs and says what it calls first. */
  readonly start: number;
  /** One PKCS#11 function. */
  readonly call: number;
  /** The same, of a module that only says what it is and waits for no key. */
  readonly description: number;
  /** A signature: the key waits 15 s for a finger, and RSA-4096 takes seconds. */
  readonly signature: number;
  /** All the rest of a call whose key has been pulled, see {@link ModuleRunner.noteRemoval}. */
  readonly removal: number;
  /** Unused for so long, the process ends. */
  readonly idle: number;
}

export const DEFAULT_LIMITS: ModuleLimits = { start: 15_000, call: 10_000, description: 5000, signature: 30_000, removal: 2000, idle: 60_000 };

/** A finger is waited for, or primes of RSA-4096 are looked for. */
const LONG_PHASES: ReadonlySet<Phase> = new Set(['C_Sign', 'C_GenerateKeyPair']);

const CLOSED = moduleFailed({ kind: 'device-process-ended', detail: 'closed' });

export interface ModuleRunnerOptions {
  readonly startHost: StartModuleHost;
  readonly limits: ModuleLimits;
  readonly sight: ModuleSight;
}

interface RunningCall {
  readonly id: number;
  readonly operation: Operation;
  readonly onPhase: ((phase: Phase) => void) | undefined;
  readonly finish: (outcome: ModuleResult<OperationValues[Operation['kind']]>) => void;
  phase: Phase;
  isRemoved: boolean;
}

/** Runs operations on the module at one path. */
export class ModuleRunner {
  readonly #path: string;
  readonly #options: ModuleRunnerOptions;
  #host: ModuleHost | undefined;
  #call: RunningCall | undefined;
  #stopClock: () => void = nothing;
  #queue: Promise<unknown> = Promise.resolve();
  #lastId = 0;
  #isClosed = false;

  constructor(path: string, options: ModuleRunnerOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Waits for earlier operations, then does this one. Fails with module-crashed, and module-failed for a hang, besides the operation's own failures. */
  run<O extends Operation>(operation: O, onPhase?: (phase: Phase) => void): Promise<ModuleResult<OperationValues[O['kind']]>> {
    const outcome = this.#queue.then(() => this.#start(operation, onPhase));
    this.#queue = outcome;
    return outcome as Promise<ModuleResult<OperationValues[O['kind']]>>;
  }

  /**
   * The key in this reader has been pulled: a call on it ends soon, and as security-key-removed whatever the module says.
   * OpenSC (0.23 to 0.27.1 at least) deadlocks in sc_unlock when a key is pulled in the second half of C_Initialize.
   */
  noteRemoval(readerName: string): void {
    const call = this.#call;
    if (!call || call.isRemoved || readerOf(call.operation) !== readerName) return;
    call.isRemoved = true;
    this.#restartClock(this.#options.limits.removal);
  }

  /** Ends the process; a call under way and those that wait fail with device-process-ended. */
  close(): void {
    this.#isClosed = true;
    this.#endHost();
    this.#finish(CLOSED);
  }

  #start(operation: Operation, onPhase: ((phase: Phase) => void) | undefined): Promise<ModuleResult<OperationValues[Operation['kind']]>> {
    if (this.#isClosed) return Promise.resolve(CLOSED);
    return new Promise((finish) => {
      this.#lastId += 1;
      this.#call = { id: this.#lastId, operation, onPhase, finish, phase: 'start', isRemoved: false };
      this.#host ??= this.#startHost();
      this.#host.setBusy(true);
      this.#restartClock(this.#options.limits.start);
      this.#host.send({ id: this.#lastId, operation });
    });
  }

  #startHost(): ModuleHost {
    const { startHost, sight } = this.#options;
    const onExit = (): void => {
      if (this.#host !== host) return;
      this.#host = undefined;
      this.#finish(moduleFailed({ kind: 'module-crashed', module: this.#path }));
    };
    const host: ModuleHost = startHost({ onReply: (reply) => this.#host === host && this.#hear(reply), onExit }, sight);
    return host;
  }

  #hear(reply: OperationReply): void {
    const call = this.#call;
    if (!call || reply.kind === 'ready' || reply.id !== call.id) return;
    if (reply.kind === 'outcome') return this.#finish(reply.outcome);
    call.phase = reply.phase;
    if (!call.isRemoved) this.#restartClock(LONG_PHASES.has(reply.phase) ? this.#options.limits.signature : this.#options.limits.call);
    call.onPhase?.(reply.phase);
  }

  #finish(outcome: ModuleResult<OperationValues[Operation['kind']]>): void {
    this.#stopClock();
    const call = this.#call;
    this.#call = undefined;
    this.#host?.setBusy(false);
    if (this.#host) this.#endHostLater();
    call?.finish(call.isRemoved && !outcome.ok ? moduleFailed({ kind: 'security-key-removed' }) : outcome);
  }

  #restartClock(limit: number): void {
    this.#stopClock();
    this.#stopClock = awakeTimeout(limit, () => this.#endHung(limit));
  }

  #endHung(limit: number): void {
    const phase = this.#call?.phase ?? 'start';
    this.#endHost();
    this.#finish(moduleFailed({ kind: 'module-failed', module: this.#path, detail: `${phase}: no answer in ${limit / 1000} s` }));
  }

  #endHostLater(): void {
    const timer = setTimeout(() => this.#endHost(), this.#options.limits.idle).unref();
    this.#stopClock = () => clearTimeout(timer);
  }

  #endHost(): void {
    const host = this.#host;
    this.#host = undefined;
    host?.end();
  }
}

function readerOf(operation: Operation): string | undefined {
  return 'target' in operation && 'readerName' in operation.target ? operation.target.readerName : undefined;
}

function nothing(): void {}
