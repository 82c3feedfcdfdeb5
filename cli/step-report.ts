import type { EnrollmentState, EnrollmentStepId, StepProgress } from '../core/enrollment/state.ts';
import { STEP_WORDS, TOUCH_WANTED } from './messages/steps.en.ts';

/** How long a step took, and how far the counter went meanwhile. */
export interface StepMeasure {
  readonly id: EnrollmentStepId;
  readonly ms: number;
  readonly counted: number;
}

/** Tells the steps of an enrollment, one line each, and measures them. */
export class StepReport {
  private readonly startedAt = new Map<EnrollmentStepId, { readonly ms: number; readonly counter: number }>();
  private readonly finished = new Map<EnrollmentStepId, StepMeasure>();
  private isTouchTold = false;

  constructor(
    private readonly tell: (line: string) => void,
    /** Anything that only grows; the demo counts the commands that reach the card. */
    private readonly counter: () => number = () => 0,
  ) {}

  /** In the order they were finished; a step that was done before this run is not among them. */
  get measures(): readonly StepMeasure[] {
    return [...this.finished.values()];
  }

  /** Hears every state of the enrollment. */
  hear(state: EnrollmentState): void {
    if (!('steps' in state)) return;
    for (const step of state.steps) this.hearStep(step);
  }

  private hearStep(step: StepProgress): void {
    switch (step.state) {
      case 'working':
      case 'waiting':
        if (!this.startedAt.has(step.id)) this.startedAt.set(step.id, { ms: performance.now(), counter: this.counter() });
        if (step.state === 'waiting' && step.id !== 'approval') this.tellTouch();
        return;
      case 'done':
        this.finish(step.id);
        return;
      case 'to-do':
      case 'stopped':
        this.startedAt.delete(step.id);
        return;
    }
  }

  private finish(id: EnrollmentStepId): void {
    const start = this.startedAt.get(id);
    if (start === undefined || this.finished.has(id)) return;
    const ms = Math.round((performance.now() - start.ms) * 10) / 10;
    this.finished.set(id, { id, ms, counted: this.counter() - start.counter });
    this.isTouchTold = false;
    this.tell(`  ✓ ${STEP_WORDS[id].done}`);
  }

  private tellTouch(): void {
    if (!this.isTouchTold) this.tell(`  ${TOUCH_WANTED}`);
    this.isTouchTold = true;
  }
}
