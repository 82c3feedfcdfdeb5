/**
 * What a CA does by itself: CRLs that end soon, requests whose time is over, signatures that were missed, checkpoints of the
 * audit log. Of several processes on one database one does it, by a lease; when that one dies, the lease runs out and another
 * takes over. All of it may be done twice without harm, so a lease that runs out under a slow work breaks nothing.
 */
import { makeCheckpoint } from './domain/audit-checkpoint.ts';
import { verifyOwnAudit } from './domain/audit-verification.ts';
import { randomId, type Context } from './domain/context.ts';
import { renewDueCrls } from './domain/crl.ts';
import { expireRequests } from './domain/expire.ts';
import { issueUnfinished } from './domain/issue-request.ts';

const LEASE = 'background-work';
/** As long as nobody else takes over after a process died. */
const LEASE_MS = 30_000;
const LOOK_MS = 5_000;

export interface Work {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: (context: Context) => Promise<unknown>;
}

export const WORKS: readonly Work[] = [
  { name: 'unfinished', everySeconds: 30, run: issueUnfinished },
  { name: 'expired-requests', everySeconds: 60, run: expireRequests },
  { name: 'crls', everySeconds: 60, run: renewDueCrls },
  { name: 'audit-checkpoint', everySeconds: 60, run: makeCheckpoint },
  { name: 'expired-sessions', everySeconds: 300, run: ({ store, clock }) => store.write((rows) => rows.removeExpired(clock())) },
  { name: 'audit-verification', everySeconds: 3600, run: verifyOwnAudit },
];

export interface WorkCounts {
  readonly done: number;
  readonly failed: number;
}

export class BackgroundWork {
  readonly #holder = randomId();
  readonly #lastRun = new Map<string, number>();
  readonly #counts = new Map<string, { done: number; failed: number }>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: Context,
    private readonly works: readonly Work[] = WORKS,
  ) {}

  /** How often each work was done by this process, and how often it failed. */
  get counts(): ReadonlyMap<string, WorkCounts> {
    return this.#counts;
  }

  /** Begins; {@link stop} ends it. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
    this.#timer.unref();
    void this.look();
  }

  /** Does what is due, if this process has the lease. Never fails. */
  look(): Promise<void> {
    this.#running = this.#running.then(() => this.#look());
    return this.#running;
  }

  /** Ends what is under way and lets another process take over at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.context.store.write((rows) => rows.releaseLease(LEASE, this.#holder)).catch(() => undefined);
  }

  async #hasLease(): Promise<boolean> {
    const now = this.context.clock();
    return this.context.store.write((rows) => rows.takeLease(LEASE, this.#holder, now, new Date(now.getTime() + LEASE_MS)));
  }

  async #look(): Promise<void> {
    for (const work of this.works) {
      const now = this.context.clock().getTime();
      if (now - (this.#lastRun.get(work.name) ?? -Infinity) < work.everySeconds * 1000) continue;
      try {
        if (!(await this.#hasLease())) return;
      } catch (error) {
        this.context.log('error', 'background-work-without-store', { error: String(error) });
        return;
      }
      this.#lastRun.set(work.name, now);
      await this.#do(work);
    }
  }

  async #do({ name, run }: Work): Promise<void> {
    const counts = this.#counts.get(name) ?? { done: 0, failed: 0 };
    this.#counts.set(name, counts);
    try {
      await run(this.context);
      counts.done += 1;
    } catch (error) {
      counts.failed += 1;
      this.context.log('error', 'background-work-failed', { work: name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
}
