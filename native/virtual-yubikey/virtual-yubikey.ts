import { fromHex } from '../../core/bytes.ts';
import { formatFirmware } from '../../core/security-key.ts';
import type { FirmwareVersion, FormFactor } from '../../core/security-key.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import type { CardConnection } from '../piv/connection.ts';
import { CardConnectionError } from '../piv/connection.ts';
import { SW } from '../piv/status-word.ts';
import { ApduExchange } from './apdu-exchange.ts';
import { freshSession, refuse } from './card.ts';
import type { Card } from './card.ts';
import { dispatch } from './dispatch.ts';
import { FaultInjector } from './faults.ts';
import type { FaultPlan } from './faults.ts';
import { firmwareProfile } from './firmware.ts';
import { factoryState, loadState, saveState } from './state.ts';
import type { YubiKeyState } from './state.ts';
import { TouchSensor } from './touch-sensor.ts';

/** Answer to reset of a YubiKey 5 over USB. OpenSC tells by it what the card can do. */
export const YUBIKEY_ATR: Uint8Array = fromHex('3bfd1300008131fe158073c021c057597562694b657940');
const TOUCH_TIME_LIMIT_MS = 15_000;

export interface VirtualYubiKeyOptions {
  /** Such as "5.4.3". */
  readonly firmware: FirmwareVersion | string;
  readonly serial: number;
  readonly fips?: boolean;
  /** 'usb-c-keychain' unless told. */
  readonly formFactor?: FormFactor;
  /** A file that remembers the key from one process to the next. Made where it is missing. */
  readonly statePath?: string;
  /** What the key remembers at the start, such as another's {@link VirtualYubiKey.exportState}; a state file goes before it. */
  readonly state?: YubiKeyState;
  readonly faults?: FaultPlan;
  /** Every touch that is wanted happens at once. */
  readonly autoTouch?: boolean;
  /** How long the key waits for a finger; 15 seconds, as a real one, unless told. */
  readonly touchTimeLimitMs?: number;
}

/** What a bystander sees. */
export interface VirtualYubiKeyStatus {
  readonly isPluggedIn: boolean;
  readonly isWaitingForTouch: boolean;
}

/** How much the key has done. Time is in milliseconds; `cardMs` is without waiting for a finger. */
export interface VirtualYubiKeyStatistics {
  readonly apdus: number;
  readonly cardMs: number;
  readonly touchMs: number;
}

/**
 * A YubiKey's PIV application in software, for tests and the demo. It enforces what a real one enforces. It begins
 * plugged in; unplugged, every `transmit` fails with CardConnectionError 'removed'. Commands are carried out in turn.
 */
export class VirtualYubiKey implements CardConnection {
  readonly serial: number;
  readonly firmware: FirmwareVersion;
  readonly atr = YUBIKEY_ATR;
  /** Bugs of the virtual key itself, each answered by 6F00. Tests want it empty. */
  readonly bugs: unknown[] = [];
  private readonly card: Card;
  private readonly apdus: ApduExchange;
  private readonly listeners = new Set<(status: VirtualYubiKeyStatus) => void>();
  private readonly statePath: string | undefined;
  private savedState = '';
  private faults: FaultInjector;
  private isPluggedIn = true;
  private queue: Promise<unknown> = Promise.resolve();
  private counted = { apdus: 0, cardMs: 0 };

  constructor(options: VirtualYubiKeyOptions) {
    const firmware = firmwareProfile(options.firmware, options.fips);
    this.firmware = firmware.version;
    this.serial = options.serial;
    this.statePath = options.statePath;
    const touch = new TouchSensor({
      isAutomatic: options.autoTouch ?? false,
      timeLimitMs: options.touchTimeLimitMs ?? TOUCH_TIME_LIMIT_MS,
      onChange: () => this.announce(),
    });
    const state = this.rememberedState() ?? structuredClone(options.state) ?? factoryState(firmware, options.serial, options.formFactor ?? 'usb-c-keychain');
    this.card = { firmware, state, session: freshSession(), touch, pulls: 0 };
    this.apdus = new ApduExchange((command) => this.carryOut(command));
    this.faults = new FaultInjector(options.faults);
    touch.isIgnoring = options.faults?.isTouchBroken ?? false;
    this.save();
  }

  get status(): VirtualYubiKeyStatus {
    return { isPluggedIn: this.isPluggedIn, isWaitingForTouch: this.card.touch.isWaiting };
  }

  get statistics(): VirtualYubiKeyStatistics {
    return { ...this.counted, cardMs: this.counted.cardMs - this.card.touch.waitedMs, touchMs: this.card.touch.waitedMs };
  }

  /** Calls back at every change of {@link status}; the returned function ends it. */
  watch(listener: (status: VirtualYubiKeyStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A finger touches the contact; answers whether the key was waiting for it. */
  touch(): boolean {
    return this.card.touch.touch();
  }

  /** Whether every touch that is wanted happens at once. */
  setAutoTouch(isAutomatic: boolean): void {
    this.card.touch.isAutomatic = isAutomatic;
    if (isAutomatic) this.touch();
  }

  /** Replaces the fault plan; its counts begin anew. */
  setFaults(plan: FaultPlan): void {
    this.faults = new FaultInjector(plan);
    this.card.touch.isIgnoring = plan.isTouchBroken ?? false;
  }

  /** A copy of what the key remembers, secrets included. */
  exportState(): YubiKeyState {
    return structuredClone(this.card.state);
  }

  /** Replaces what the key remembers by another's {@link exportState}, in the reader as it is; every right ends. Of this serial and firmware only. */
  importState(state: YubiKeyState): void {
    const { serial, firmware, fips } = this.card.state;
    if (state.serial !== serial || state.firmware !== firmware || state.fips !== fips) throw new Error('The state of another virtual key');
    Object.assign(this.card.state, structuredClone(state));
    this.reset();
    this.save();
  }

  /** Plugs the key in. */
  powerOn(): void {
    if (this.isPluggedIn) return;
    this.isPluggedIn = true;
    this.announce();
  }

  /** Pulls the key: what it is doing comes to nothing. */
  powerOff(): void {
    if (!this.isPluggedIn) return;
    this.isPluggedIn = false;
    this.card.pulls += 1;
    this.reset();
    this.announce();
  }

  /** A warm reset: PIN, management key and selected application are forgotten. */
  reset(): void {
    Object.assign(this.card.session, freshSession());
    this.apdus.clear();
    this.card.touch.losePower();
  }

  transmit(command: Uint8Array): Promise<Uint8Array> {
    const response = this.queue.then(() => this.exchange(command));
    this.queue = response.catch(() => undefined);
    return response;
  }

  private async exchange(command: Uint8Array): Promise<Uint8Array> {
    const { pulls } = this.card;
    this.requirePlugged(pulls);
    const startedAt = performance.now();
    const lost = await this.faults.beforeCommand();
    if (lost === 'command') this.powerOff();
    this.requirePlugged(pulls);
    this.counted.apdus += 1;
    const response = await this.apdus.exchange(command);
    this.counted.cardMs += performance.now() - startedAt;
    if (lost === 'answer') this.powerOff();
    this.requirePlugged(pulls);
    return response;
  }

  private requirePlugged(pulls: number): void {
    if (!this.isPluggedIn || this.card.pulls !== pulls) throw new CardConnectionError('removed', 'The virtual YubiKey is not plugged in');
  }

  private async carryOut(command: ReceivedCommand): Promise<Response> {
    try {
      const response = await dispatch(this.card, command);
      this.save();
      return response;
    } catch (bug) {
      this.bugs.push(bug);
      return refuse(SW.UNKNOWN);
    }
  }

  /** On disk before it is answered, as a chip's memory is. */
  private save(): void {
    if (this.statePath === undefined) return;
    const json = JSON.stringify(this.card.state, null, 1);
    if (json === this.savedState) return;
    saveState(this.statePath, json);
    this.savedState = json;
  }

  private rememberedState(): YubiKeyState | undefined {
    const state = this.statePath === undefined ? undefined : loadState(this.statePath);
    if (state && (state.serial !== this.serial || state.firmware !== formatFirmware(this.firmware))) {
      throw new Error(`The state file ${String(this.statePath)} belongs to another virtual key: ${state.serial}, firmware ${state.firmware}`);
    }
    return state;
  }

  private announce(): void {
    for (const listener of this.listeners) listener(this.status);
  }
}
