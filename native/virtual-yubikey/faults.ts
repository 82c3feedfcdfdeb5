import { setTimeout as sleep } from 'node:timers/promises';
import { CardConnectionError } from '../piv/connection.ts';

/** What goes wrong, on demand. Counts begin when the plan is set. */
export interface FaultPlan {
  /** The key is pulled at the command that follows this many. */
  readonly pullAfterCommands?: number;
  /** Whether that command is lost, or was still carried out and only its answer is lost. 'command' unless told. */
  readonly pullLoses?: 'command' | 'answer';
  /** Every command takes this much longer, in milliseconds. */
  readonly delayMs?: number;
  /** This many commands fail because another program holds the card. In-process only: over pcscd it is pcscd that says so. */
  readonly sharingViolations?: number;
  /** No touch is felt. */
  readonly isTouchBroken?: boolean;
}

/** Carries a fault plan out. */
export class FaultInjector {
  private commands = 0;
  private violations = 0;

  constructor(readonly plan: FaultPlan = {}) {}

  /** Before a command: answers whether the key is pulled at it, and what is lost. Throws for a sharing violation. */
  async beforeCommand(): Promise<'command' | 'answer' | undefined> {
    if (this.violations < (this.plan.sharingViolations ?? 0)) {
      this.violations += 1;
      throw new CardConnectionError('sharing-violation', 'Another program holds the card (injected)');
    }
    if (this.plan.delayMs) await sleep(this.plan.delayMs);
    const isPulled = this.commands === this.plan.pullAfterCommands;
    this.commands += 1;
    return isPulled ? (this.plan.pullLoses ?? 'command') : undefined;
  }
}
