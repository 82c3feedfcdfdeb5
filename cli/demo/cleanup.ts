/** What was started has to end, the last first, whatever happened: an error, Ctrl-C, or success. */
export class Cleanup {
  private readonly tasks: { readonly what: string; readonly undo: () => Promise<unknown> | void }[] = [];
  private running: Promise<void> | undefined;

  /** Remembers how to undo `what`. */
  add(what: string, undo: () => Promise<unknown> | void): void {
    this.tasks.push({ what, undo });
  }

  /** Undoes everything once; a task that fails is told and does not keep the others from running. */
  run(tell: (line: string) => void): Promise<void> {
    this.running ??= this.undoAll(tell);
    return this.running;
  }

  private async undoAll(tell: (line: string) => void): Promise<void> {
    for (let task = this.tasks.pop(); task !== undefined; task = this.tasks.pop()) {
      try {
        await task.undo();
      } catch (error) {
        tell(`Could not end ${task.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
