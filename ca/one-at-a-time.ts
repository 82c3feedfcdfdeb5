/** Work that is wanted often and needed once: while it runs, everybody who asks anew shares the next run. */

interface Runs {
  readonly running: Promise<void>;
  next: Promise<void> | null;
}

/** Runs by name. */
export class OneAtATime {
  private readonly runs = new Map<string, Runs>();

  private start(name: string, work: () => Promise<void>): Promise<void> {
    const running = work().finally(() => {
      if (this.runs.get(name)?.running === running) this.runs.delete(name);
    });
    this.runs.set(name, { running, next: null });
    return running;
  }

  /** Resolves or rejects with a run of `work` that began after this call, or begins now. */
  run(name: string, work: () => Promise<void>): Promise<void> {
    const current = this.runs.get(name);
    if (current === undefined) return this.start(name, work);
    current.next ??= current.running.then(
      () => this.start(name, work),
      () => this.start(name, work),
    );
    return current.next;
  }
}
