/** The SecurityKeys port: readers watched, facts read at insertion, one piece of work a reader at a time. */
import type { Failure } from '../core/failures.ts';
import { done, failed, success, type Result } from '../core/result.ts';
import type { ModuleChoice, ModulesFacts, SecurityKey, SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../core/security-key.ts';
import { DEFAULT_LIMITS, withCard, type ConnectionLimits } from './pcsc/connection.ts';
import { ReaderWatcher, type PresentCard, type ReadersState } from './pcsc/readers.ts';
import { askHolderToLetGo } from './pcsc/release-holder.ts';
import { readFacts } from './piv/facts.ts';
import { ChosenModule } from './pkcs11/chosen-module.ts';
import { Pkcs11Modules, type Pkcs11ModulesOptions } from './pkcs11/pkcs11-modules.ts';
import { busyFailure, findKnown, newEntry, serialOf, type ReaderEntry, type WantedKey } from './reader-entry.ts';
import { ReaderTurns } from './reader-turns.ts';
import type { LocatedKey } from './located-key.ts';
import { CardSecurityKey } from './security-key.ts';

export interface SecurityKeysOptions {
  /** The PKCS#11 module to begin with; absent: the best of this computer. */
  readonly moduleChoice?: ModuleChoice | undefined;
  readonly pkcs11?: Pkcs11ModulesOptions;
  readonly limits?: Partial<ConnectionLimits>;
}

/** After work with a key its facts are read again, once it has been left alone for so long. */
const REFRESH_MILLISECONDS = 250;
/** A key that was busy or did not answer is asked again. */
const RETRY_MILLISECONDS = 1500;
/** A key that does not answer at all: after these tries only another insertion helps. */
const MAX_UNRESPONSIVE_TRIES = 3;
/** How long a program that was asked to let the keys go may take. */
const LET_GO_MILLISECONDS = 5000;
/** How long {@link SecurityKeys.close} waits for work under way. */
const CLOSE_MILLISECONDS = 2000;

/** All keys of this computer. Begins to watch at once; `close` ends it. */
export function createSecurityKeys(options: SecurityKeysOptions = {}): SecurityKeys {
  return new WatchedSecurityKeys(options);
}

class WatchedSecurityKeys implements SecurityKeys {
  readonly #limits: ConnectionLimits;
  readonly #modules: Pkcs11Modules;
  readonly #chosenModule: ChosenModule;
  readonly #turns = new ReaderTurns();
  readonly #listeners = new Set<(situation: SecurityKeysSituation) => void>();
  readonly #entries = new Map<string, ReaderEntry>();
  readonly #watcher: ReaderWatcher;
  #situation: SecurityKeysSituation = { kind: 'starting' };
  #isClosed = false;

  constructor(options: SecurityKeysOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#modules = new Pkcs11Modules(options.pkcs11);
    this.#chosenModule = new ChosenModule(this.#modules, options.moduleChoice ?? 'automatic');
    this.#watcher = new ReaderWatcher((state) => this.#onReaders(state));
  }

  watch(listener: (situation: SecurityKeysSituation) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#situation);
    return () => void this.#listeners.delete(listener);
  }

  at(readerName: string): SecurityKey {
    const wanted: WantedKey = { readerName, serial: serialOf(this.#entries.get(readerName)) };
    return new CardSecurityKey({
      facts: () => this.#use(wanted, 'unchanged', (key, entry) => this.#readFactsOf(key, entry)),
      use: (work, afterwards = 'changed') => this.#use(wanted, afterwards, work),
      module: async () => {
        const path = await this.#chosenModule.path();
        return path === null ? null : { path, modules: this.#modules };
      },
    });
  }

  refresh(): void {
    for (const entry of this.#entries.values()) {
      entry.unresponsiveTries = 0;
      void this.#refresh(entry);
    }
  }

  async releaseHolder(): Promise<Result<void>> {
    const asked = await askHolderToLetGo();
    if (!asked.ok) return asked;
    const giveUpAt = performance.now() + LET_GO_MILLISECONDS;
    for (;;) {
      await Promise.all([...this.#entries.values()].map((entry) => this.#refresh(entry)));
      const busy = [...this.#entries.values()].map(busyFailure).find((failure) => failure !== undefined);
      if (!busy || this.#isClosed) return done;
      if (performance.now() >= giveUpAt) return failed({ kind: 'holder-not-releasable', ...(busy.holder !== undefined && { holder: busy.holder }) });
    }
  }

  async modules(): Promise<Result<ModulesFacts>> {
    return success(await this.#chosenModule.facts());
  }

  chooseModule(choice: ModuleChoice): Promise<Result<ModulesFacts>> {
    this.#chosenModule.choose(choice);
    return this.modules();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    for (const entry of this.#entries.values()) clearTimeout(entry.timer);
    this.#modules.close();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MILLISECONDS)));
    await Promise.race([this.#turns.finished(), limit]);
    clearTimeout(timer);
    await this.#watcher.close();
  }

  #onReaders(state: ReadersState): void {
    if (this.#isClosed) return;
    if (state.kind === 'unavailable') {
      for (const readerName of [...this.#entries.keys()]) this.#forget(readerName);
      return this.#tell({ kind: 'unavailable', failure: state.failure });
    }
    const inserted = new Map(state.cards.map((card) => [card.readerName, card]));
    for (const [readerName, entry] of this.#entries) {
      if (inserted.get(readerName)?.insertion !== entry.card.insertion) this.#forget(readerName);
    }
    for (const card of inserted.values()) {
      if (!this.#entries.has(card.readerName)) this.#welcome(card);
    }
    this.#tellPresent();
  }

  #forget(readerName: string): void {
    clearTimeout(this.#entries.get(readerName)?.timer);
    this.#entries.delete(readerName);
    // OpenSC may deadlock when a key is pulled under it; a call that waits for this reader ends soon then.
    this.#modules.noteRemoval(readerName);
  }

  #welcome(card: PresentCard): void {
    const entry = newEntry(card);
    this.#entries.set(card.readerName, entry);
    void this.#refresh(entry);
  }

  /** Reads the facts of this insertion in its turn; those who ask before it has come share one reading. */
  #refresh(entry: ReaderEntry): Promise<void> {
    entry.awaited ??= this.#turns.take(entry.card.readerName, async () => {
      entry.awaited = undefined;
      if (this.#isCurrent(entry)) await this.#readFacts(this.#located(entry), entry);
    });
    return entry.awaited;
  }

  async #readFacts(key: LocatedKey, entry: ReaderEntry): Promise<Result<SecurityKeyFacts>> {
    clearTimeout(entry.timer);
    const facts = await key.transact('leave', (connection) => readFacts(connection, key.readerName));
    if (!this.#isCurrent(entry)) return facts;
    const { readerName } = entry.card;
    if (facts.ok) entry.unresponsiveTries = 0;
    entry.present = facts.ok ? { kind: 'ready', readerName, facts: facts.value } : { kind: 'problem', readerName, failure: facts.failure };
    if (!facts.ok && passesByItself(facts.failure, ++entry.unresponsiveTries)) this.#refreshLater(entry, RETRY_MILLISECONDS);
    this.#tellPresent();
    return facts;
  }

  /** The same, of the key that is meant: another may have come in its place, unnoticed. */
  async #readFactsOf(key: LocatedKey, entry: ReaderEntry): Promise<Result<SecurityKeyFacts>> {
    const facts = await this.#readFacts(key, entry);
    const isAnother = facts.ok && typeof key.serial === 'number' && facts.value.serial !== key.serial;
    return isAnother ? failed({ kind: 'security-key-removed' }) : facts;
  }

  #refreshLater(entry: ReaderEntry, milliseconds: number): void {
    clearTimeout(entry.timer);
    if (this.#isClosed) return;
    entry.timer = setTimeout(() => void this.#refresh(entry), milliseconds);
  }

  async #use<T>(wanted: WantedKey, afterwards: 'changed' | 'unchanged', work: (key: LocatedKey, entry: ReaderEntry) => Promise<Result<T>>): Promise<Result<T>> {
    const entry = await this.#find(wanted);
    if (!entry) return failed({ kind: 'security-key-removed' });
    if (afterwards === 'changed') clearTimeout(entry.timer);
    const result = await this.#turns.take(entry.card.readerName, async () => {
      if (!this.#isCurrent(entry)) return failed({ kind: 'security-key-removed' });
      return work(this.#located(entry, wanted.serial), entry);
    });
    if (afterwards === 'changed' && this.#isCurrent(entry)) this.#refreshLater(entry, REFRESH_MILLISECONDS);
    return result;
  }

  /** The key with this serial, in its old reader or in another; by the reader alone where it has none, or could not be read. */
  async #find(wanted: WantedKey): Promise<ReaderEntry | undefined> {
    const known = findKnown(this.#entries, wanted);
    if (known) return known;
    // A key that is just being read may be the one that is meant.
    const unread = [...this.#entries.values()].filter(({ present }) => present.kind === 'reading');
    await Promise.all(unread.map(({ card }) => this.#turns.take(card.readerName, async () => undefined)));
    const there = this.#entries.get(wanted.readerName);
    return findKnown(this.#entries, wanted) ?? (serialOf(there) === undefined ? there : undefined);
  }

  #located({ card }: ReaderEntry, serial?: number | null): LocatedKey {
    return {
      readerName: card.readerName,
      serial,
      transact: (afterwards, work) => withCard(card.reader, afterwards, work, this.#limits),
    };
  }

  #isCurrent(entry: ReaderEntry): boolean {
    return !this.#isClosed && this.#entries.get(entry.card.readerName) === entry;
  }

  #tellPresent(): void {
    this.#tell({ kind: 'present', keys: [...this.#entries.values()].map((entry) => entry.present) });
  }

  #tell(situation: SecurityKeysSituation): void {
    if (this.#isClosed) return;
    this.#situation = situation;
    for (const listener of this.#listeners) listener(situation);
  }
}

/** Whether to ask again without anybody doing anything about it. */
function passesByItself(failure: Failure, tries: number): boolean {
  if (failure.kind === 'security-key-busy') return true;
  return (failure.kind === 'security-key-unresponsive' || failure.kind === 'card-error') && tries < MAX_UNRESPONSIVE_TRIES;
}
