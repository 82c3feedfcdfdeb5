/** The keys that were enrolled from this computer, as one JSON file that is replaced as a whole. Nothing in it is secret. */
import { readFile, rename } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EnrolledCertificate } from '../../core/enrollment/state.ts';
import { formatKnownKeys, parseKnownKeys, withKey, type KnownKey } from '../../core/key-care/known-keys.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';
import type { Tell } from './ipc-serve.ts';
import type { Log } from './log.ts';
import { writeWholeFile } from './whole-file.ts';

export interface KnownKeysOptions {
  readonly path: string;
  readonly now: () => Date;
  readonly tell: Tell;
  readonly log: Log;
}

/** Reads when first asked, then answers from memory; every change is on disk, and told, when its promise is fulfilled. */
export class KnownKeys {
  #keys: readonly KnownKey[] = [];
  #loading: Promise<void> | null = null;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(private readonly options: KnownKeysOptions) {}

  async list(): Promise<readonly KnownKey[]> {
    await (this.#loading ??= this.#load());
    return this.#keys;
  }

  /**
   * A key whose enrollment is done. Looking at it again changes nothing; renewed for the same person it keeps its age, so
   * that it does not become the backup of its backup. A key that tells no serial cannot be noted.
   */
  async note({ serial, model, formFactor }: SecurityKeyFacts, { name, email, authorityName, validFrom, validTo }: EnrolledCertificate): Promise<void> {
    if (serial === null) return;
    const former = (await this.list()).find((key) => key.serial === serial);
    const isSamePerson = former?.name === name && former.email === email && former.authorityName === authorityName;
    const enrolledAt = isSamePerson ? former.enrolledAt : this.options.now();
    const noted: KnownKey = { serial, model, formFactor, name, email, authorityName, validFrom, expiresAt: validTo, enrolledAt };
    if (!isDeepStrictEqual(former, noted)) await this.#replace((keys) => withKey(keys, noted));
  }

  async forget(serial: number): Promise<void> {
    const isKnown = (await this.list()).some((key) => key.serial === serial);
    if (isKnown) await this.#replace((keys) => keys.filter((key) => key.serial !== serial));
  }

  async #replace(change: (keys: readonly KnownKey[]) => readonly KnownKey[]): Promise<void> {
    const next = change(this.#keys);
    this.#keys = next;
    this.#lastWrite = this.#lastWrite.catch(() => undefined).then(() => writeWholeFile(this.options.path, `${formatKnownKeys(next)}\n`));
    await this.#lastWrite;
    this.options.tell('knownKeys.changed', next);
  }

  /** A missing file is a first start. An unreadable one is put aside as .unreadable, and said in the log. */
  async #load(): Promise<void> {
    const { path, log } = this.options;
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return;
    const keys = parseKnownKeys(text);
    if (keys !== null) {
      this.#keys = keys;
      return;
    }
    log.note('the list of known keys is unreadable and was put aside');
    await rename(path, `${path}.unreadable`);
  }
}
