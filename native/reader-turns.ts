/** Work with one reader at a time: the next begins when the one before it has ended, however it ended. */
export class ReaderTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Waits for the reader's turn, then works. */
  take<T>(readerName: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(readerName) ?? Promise.resolve();
    const turn = before.then(work);
    const end = turn.then(nothing, nothing);
    this.#last.set(readerName, end);
    void end.then(() => {
      if (this.#last.get(readerName) === end) this.#last.delete(readerName);
    });
    return turn;
  }

  /** Whether nobody works with this reader, or waits for it. */
  isIdle(readerName: string): boolean {
    return !this.#last.has(readerName);
  }

  /** Settles when all that has begun or waits by now has ended. */
  async finished(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}

function nothing(): void {}
