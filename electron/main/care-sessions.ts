/**
 * Key care under way: one handle a key and one action at a time. An action that failed may have been cut off anywhere, so
 * the key is read anew before its conditions are told again.
 */
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import type { CallArguments, CallName, ConditionView } from '../../core/ipc.ts';
import type { CareRecords } from '../../core/key-care/care-record.ts';
import type { CarePorts, lookAfter } from '../../core/key-care/key-care.ts';
import type { waysOut } from '../../core/key-care/ways-out.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { PresentSecurityKey, SecurityKey, SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';

export interface CareRules {
  readonly lookAfter: typeof lookAfter;
  readonly waysOut: typeof waysOut;
}

export interface CareSessionsOptions {
  readonly keys: SecurityKeys;
  readonly authority: () => PinnedAuthority | null;
  readonly records: CareRecords;
  readonly clock: CarePorts['clock'];
  /** Loaded when a key is first looked after: reading certificates takes a large library. */
  readonly loadRules: () => Promise<CareRules>;
}

/** A key in a reader, as last read, and the handle through which it is worked with. */
export interface CaredKey {
  readonly key: SecurityKey;
  readonly facts: SecurityKeyFacts;
}

type CareCallName = Extract<CallName, `care.${string}`>;
/** The calls that are about a key in a reader. */
export type KeyCareCall = { [Name in CareCallName]: CallArguments<Name> extends { readonly readerName: string } ? Name : never }[CareCallName];

interface RunningAction {
  /** The call and its arguments: while it runs they are somewhere in memory anyway, and nowhere else. */
  readonly asked: string;
  readonly result: Promise<Result<unknown>>;
}

export class CareSessions {
  /** A handle goes on meaning the key it first met; another key in the same reader gets another. */
  readonly #handles = new Map<string, { readonly key: SecurityKey; readonly serial: number | null }>();
  readonly #running = new Map<string, RunningAction>();
  /** Readers whose facts may be from before an action that was cut off. */
  readonly #former = new Set<string>();
  /** Told of the next situation. */
  readonly #waiting = new Set<() => void>();
  #situation: SecurityKeysSituation = { kind: 'starting' };

  constructor(private readonly options: CareSessionsOptions) {
    options.keys.watch((situation) => this.#keysChanged(situation));
  }

  get ports(): CarePorts {
    const { records, clock, authority } = this.options;
    return { records, clock, authority: authority() };
  }

  /** A key, as soon as it has been read. Fails with what keeps it from being read, or with security-key-removed. */
  async key(readerName: string): Promise<Result<CaredKey>> {
    // The window shows a key that is read anew as before, so whoever is quick asks something of it meanwhile.
    while (this.#present(readerName)?.kind === 'reading') await new Promise<void>((resolve) => this.#waiting.add(resolve));
    const facts = this.#facts(readerName);
    if (!facts.ok) return facts;
    const known = this.#handles.get(readerName);
    if (known) return success({ key: known.key, facts: facts.value });
    const key = this.options.keys.at(readerName);
    this.#handles.set(readerName, { key, serial: facts.value.serial });
    return success({ key, facts: facts.value });
  }

  /** From the facts at hand; after the action that runs on the key, where one does. */
  async conditions(readerName: string): Promise<Result<readonly ConditionView[]>> {
    const { lookAfter, waysOut } = await this.options.loadRules();
    await this.#running.get(readerName)?.result.catch(() => undefined);
    const facts = this.#facts(readerName);
    if (!facts.ok) return facts;
    const conditions = await lookAfter(facts.value, this.ports, this.#former.has(readerName) ? 'former' : 'present');
    return success(conditions.map((condition) => ({ condition, waysOut: waysOut(condition, facts.value) })));
  }

  /**
   * Works with a key. Asked the same again while it runs (a second click, Enter held down), it answers with the same: a
   * wrong PIN costs one attempt, not two. Asked something else, that comes next.
   */
  act<Name extends KeyCareCall, T>(name: Name, args: CallArguments<Name>, work: (key: CaredKey) => Promise<Result<T>>): Promise<Result<T>> {
    const { readerName } = args;
    const asked = JSON.stringify([name, args]);
    const running = this.#running.get(readerName);
    if (running?.asked === asked) return running.result as Promise<Result<T>>;
    const result = this.#after(running, args, work).finally(() => {
      if (this.#running.get(readerName)?.result === result) this.#running.delete(readerName);
    });
    this.#running.set(readerName, { asked, result });
    return result;
  }

  async #after<T>(running: RunningAction | undefined, args: CallArguments<KeyCareCall>, work: (key: CaredKey) => Promise<Result<T>>): Promise<Result<T>> {
    await running?.result.catch(() => undefined);
    const { readerName } = args;
    const cared = await this.key(readerName);
    if (!cared.ok) return cared;
    if ('keySerial' in args && args.keySerial !== cared.value.facts.serial) return failed({ kind: 'security-key-removed' });
    const result = await work(cared.value);
    if (!result.ok) await this.#readAnew(readerName, cared.value.key);
    return result;
  }

  /** The window hears of the new facts before it hears of the failure. */
  async #readAnew(readerName: string, key: SecurityKey): Promise<void> {
    this.#former.add(readerName);
    const facts = await key.facts();
    if (facts.ok || !this.#facts(readerName).ok) this.#former.delete(readerName);
  }

  #keysChanged(situation: SecurityKeysSituation): void {
    this.#situation = situation;
    for (const [readerName, { serial }] of [...this.#handles]) {
      const facts = this.#facts(readerName);
      const isOther = facts.ok && facts.value.serial !== serial;
      // Gone, or being read: what comes next has been read after everything that was asked of it.
      if (!facts.ok || isOther) this.#former.delete(readerName);
      if (isOther) this.#handles.delete(readerName);
    }
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }

  #facts(readerName: string): Result<SecurityKeyFacts> {
    if (this.#situation.kind === 'unavailable') return failed(this.#situation.failure);
    const present = this.#present(readerName);
    if (present?.kind === 'problem') return failed(present.failure);
    return present?.kind === 'ready' ? success(present.facts) : failed({ kind: 'security-key-removed' });
  }

  #present(readerName: string): PresentSecurityKey | undefined {
    return this.#situation.kind === 'present' ? this.#situation.keys.find((key) => key.readerName === readerName) : undefined;
  }
}
