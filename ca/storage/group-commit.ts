/**
 * Writes that wait together are committed together: making a commit durable costs milliseconds of disk, and costs them
 * once. Each work has a savepoint of its own, so that one that fails takes nothing of the others with it.
 */
import type { SqlTransactions } from './sql-connection.ts';

/** More would make the first of them wait for the last. */
const MAX_WORKS = 64;
const SAVEPOINT = 'work';

interface Waiting {
  readonly work: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Settle = () => void;

export class GroupCommit {
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(private readonly transactions: SqlTransactions) {}

  /** Resolves once the work is committed. Rejects with what it threw, or with what the database says of the commit; then nothing of it is there. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject }));
    this.#running ??= this.#runAll();
    return done;
  }

  /** Resolves when nothing is under way or waits. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // A turn of the event loop first: what arrives with the same packets goes together, and nobody else is kept waiting,
      // though SQLite never gives the thread away by itself.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#commitTogether(this.#waiting.splice(0, MAX_WORKS));
    }
    // In the same breath as the look above: a work that comes in between would wait for nobody.
    this.#running = null;
  }

  async #commitTogether(group: readonly Waiting[]): Promise<void> {
    try {
      await this.transactions.begin();
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    try {
      const settled: Settle[] = [];
      for (const waiting of group) settled.push(await this.#runOne(waiting));
      await this.transactions.execute('COMMIT');
      for (const settle of settled) settle();
    } catch (error) {
      await this.transactions.execute('ROLLBACK').catch(() => undefined);
      for (const { reject } of group) reject(error);
    }
  }

  /** Runs one work in its savepoint; what comes of it is told after the commit. Throws where the database fails. */
  async #runOne({ work, resolve, reject }: Waiting): Promise<Settle> {
    await this.transactions.execute(`SAVEPOINT ${SAVEPOINT}`);
    try {
      const value = await work();
      await this.transactions.execute(`RELEASE SAVEPOINT ${SAVEPOINT}`);
      return () => resolve(value);
    } catch (error) {
      // Where the connection is what failed, this fails too, and with it the whole group.
      await this.transactions.execute(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
      await this.transactions.execute(`RELEASE SAVEPOINT ${SAVEPOINT}`);
      return () => reject(error);
    }
  }
}
