import type { TouchPolicy } from '../../core/security-key.ts';

/** How long a touch counts for policy "cached", in milliseconds (Yubico: 15 seconds). */
const CACHE_MS = 15_000;

/** How a wait for a finger ended. */
export type TouchOutcome = 'touched' | 'timed-out' | 'unplugged';

/** The metal contact: blinks while it waits, and a finger on it lets one operation through. */
export class TouchSensor {
  private finish: ((outcome: TouchOutcome) => void) | undefined;
  private lastTouchAt = Number.NEGATIVE_INFINITY;
  /** Milliseconds that commands have waited for a finger. */
  waitedMs = 0;
  /** Every wait ends by itself at once, as if a finger lay on the contact. */
  isAutomatic: boolean;
  /** The contact is broken: no touch counts. */
  isIgnoring = false;

  constructor(
    private readonly options: { readonly isAutomatic: boolean; readonly timeLimitMs: number; readonly onChange: () => void },
  ) {
    this.isAutomatic = options.isAutomatic;
  }

  get isWaiting(): boolean {
    return this.finish !== undefined;
  }

  /** A finger touches; answers whether anything was waiting for it. */
  touch(): boolean {
    if (!this.finish || this.isIgnoring) return false;
    this.finish('touched');
    return true;
  }

  /** The key lost power: what waits ends, and no earlier touch counts any more. */
  losePower(): void {
    this.lastTouchAt = Number.NEGATIVE_INFINITY;
    this.finish?.('unplugged');
  }

  /** Waits for the touch that `policy` wants, at most for the time limit. */
  async satisfy(policy: TouchPolicy): Promise<TouchOutcome> {
    if (policy === 'never') return 'touched';
    const startedAt = performance.now();
    if (policy === 'cached' && startedAt - this.lastTouchAt < CACHE_MS) return 'touched';
    const outcome = this.isAutomatic && !this.isIgnoring ? 'touched' : await this.wait();
    if (outcome === 'touched') this.lastTouchAt = performance.now();
    this.waitedMs += performance.now() - startedAt;
    return outcome;
  }

  private wait(): Promise<TouchOutcome> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.finish?.('timed-out'), this.options.timeLimitMs);
      this.finish = (outcome) => {
        clearTimeout(timer);
        this.finish = undefined;
        this.options.onChange();
        resolve(outcome);
      };
      this.options.onChange();
    });
  }
}
