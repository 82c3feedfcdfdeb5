/**
 * The SecurityKeys port in main: every call goes to the device process, which alone loads the drivers of smart cards.
 * When that process ends (a driver crashed) or hangs (a call ran out of time and it was ended), what was under way
 * fails with device-process-ended, the window is told, and a new process is started: once by itself, then on request.
 */
import { awakeTimeout } from '../../core/awake-timeout.ts';
import type { Failure } from '../../core/failures.ts';
import { failed, type Result } from '../../core/result.ts';
import type { KeyActivity, ModuleChoice, ModulesFacts, SecurityKey, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';
import type { FromDevice, ToDevice } from '../device/messages.ts';
import { keyThrough, TIME_LIMITS_MS, type AnyCallName } from './key-calls.ts';
import type { Log } from './log.ts';

/** The part of Electron's UtilityProcess that is used. */
export interface DeviceProcess {
  send(message: ToDevice): void;
  onMessage(listener: (message: FromDevice) => void): void;
  onExit(listener: (code: number) => void): void;
  kill(): void;
}

export interface DeviceClientOptions {
  /** Starts a process that uses this PKCS#11 module. */
  readonly start: (moduleChoice: ModuleChoice) => DeviceProcess;
  readonly log: Log;
  /** Before the first start anew by itself. */
  readonly restartAfterMs?: number;
  /** A process that ends again within this time is not started anew by itself. */
  readonly steadyAfterMs?: number;
  readonly timeLimitsMs?: Readonly<Record<AnyCallName, number>>;
}

interface PendingCall {
  readonly settle: (result: Result<unknown>) => void;
  readonly onActivity: ((activity: KeyActivity) => void) | undefined;
  readonly stopClock: () => void;
}

interface RunningProcess {
  readonly process: DeviceProcess;
  readonly since: number;
}

/** Omit, for each kind of message by itself. */
type WithoutId<Message> = Message extends unknown ? Omit<Message, 'id'> : never;
type WantedCall = WithoutId<Extract<ToDevice, { kind: 'call' | 'keys-call' }>>;

/** Nothing runs before {@link DeviceClient.start}. */
export class DeviceClient implements SecurityKeys {
  readonly #options: Required<DeviceClientOptions>;
  readonly #listeners = new Set<(situation: SecurityKeysSituation) => void>();
  readonly #pending = new Map<number, PendingCall>();
  #situation: SecurityKeysSituation = { kind: 'starting' };
  #moduleChoice: ModuleChoice = 'automatic';
  #running: RunningProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  #startedBySelf = false;
  #isClosed = false;
  #lastId = 0;
  #lastHandle = 0;

  constructor(options: DeviceClientOptions) {
    this.#options = { restartAfterMs: 1000, steadyAfterMs: 60_000, timeLimitsMs: TIME_LIMITS_MS, ...options };
  }

  /** The latest situation. */
  get situation(): SecurityKeysSituation {
    return this.#situation;
  }

  watch(listener: (situation: SecurityKeysSituation) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#situation);
    return () => void this.#listeners.delete(listener);
  }

  at(readerName: string): SecurityKey {
    const handle = ++this.#lastHandle;
    return keyThrough((name, args, onActivity) => this.#call({ kind: 'call', handle, readerName, name, args }, onActivity));
  }

  refresh(): void {
    this.#running?.process.send({ kind: 'refresh' });
  }

  releaseHolder(): Promise<Result<void>> {
    return this.#call({ kind: 'keys-call', name: 'releaseHolder', args: [] });
  }

  modules(): Promise<Result<ModulesFacts>> {
    return this.#call({ kind: 'keys-call', name: 'modules', args: [] });
  }

  /** Processes that are started later use it too, even where this call fails because none runs. */
  chooseModule(choice: ModuleChoice): Promise<Result<ModulesFacts>> {
    this.#moduleChoice = choice;
    return this.#call({ kind: 'keys-call', name: 'chooseModule', args: [choice] });
  }

  /** Starts the process: the first time, and anew after it ended. Does nothing while it runs. */
  start(): void {
    this.#startedBySelf = false;
    this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#restart) clearTimeout(this.#restart);
    this.#running?.process.send({ kind: 'close' });
  }

  #run(): void {
    if (this.#running || this.#isClosed) return;
    if (this.#restart) clearTimeout(this.#restart);
    this.#restart = null;
    this.#become({ kind: 'starting' });
    const process = this.#options.start(this.#moduleChoice);
    this.#running = { process, since: performance.now() };
    process.onMessage((message) => {
      if (this.#running?.process === process) this.#hear(message);
    });
    process.onExit((code) => {
      if (this.#running?.process === process) this.#ended(code);
    });
  }

  #ended(code: number): void {
    const { log, restartAfterMs, steadyAfterMs } = this.#options;
    const mayStartBySelf = !this.#startedBySelf || performance.now() - (this.#running?.since ?? 0) >= steadyAfterMs;
    this.#running = null;
    const failure: Failure = { kind: 'device-process-ended', detail: `exit code ${code}` };
    for (const id of [...this.#pending.keys()]) this.#settle(id, failed(failure));
    if (this.#isClosed) return;
    log.note(`the device process ended with exit code ${code}`);
    this.#become({ kind: 'unavailable', failure });
    if (!mayStartBySelf) return;
    this.#startedBySelf = true;
    this.#restart = setTimeout(() => this.#run(), restartAfterMs);
  }

  #hear(message: FromDevice): void {
    switch (message.kind) {
      case 'situation':
        return this.#become(message.situation);
      case 'activity':
        return this.#pending.get(message.id)?.onActivity?.(message.activity);
      case 'answer':
        return this.#settle(message.id, message.result);
      case 'bug': {
        const failure = this.#options.log.bug('device process', message.description);
        if (message.id !== null) this.#settle(message.id, failed(failure));
      }
    }
  }

  #call(wanted: WantedCall, onActivity?: (activity: KeyActivity) => void): Promise<Result<never>> {
    return new Promise((resolve) => {
      if (!this.#running) return resolve(failed({ kind: 'device-process-ended' }));
      const { process } = this.#running;
      const id = ++this.#lastId;
      const stopClock = awakeTimeout(this.#options.timeLimitsMs[wanted.name], () => {
        this.#options.log.note(`the device process did not answer "${wanted.name}" in time and was ended`);
        process.kill();
      });
      this.#pending.set(id, { settle: resolve as (result: Result<unknown>) => void, onActivity, stopClock });
      process.send({ id, ...wanted });
    });
  }

  #settle(id: number, result: Result<unknown>): void {
    const call = this.#pending.get(id);
    if (!call) return;
    this.#pending.delete(id);
    call.stopClock();
    call.settle(result);
  }

  #become(situation: SecurityKeysSituation): void {
    this.#situation = situation;
    for (const listener of this.#listeners) listener(situation);
  }
}
