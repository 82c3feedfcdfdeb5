/**
 * What the app remembers between starts, as one JSON file. Nothing in it is secret: no PIN, no PUK, no management key.
 * It is replaced as a whole, by a rename, so that a power cut leaves the old or the new one.
 */
import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import type { ModuleChoice } from '../../core/security-key.ts';
import { restoreAuthority, storeAuthority, storedAuthority } from '../../core/stored-authority.ts';
import type { Log } from './log.ts';
import { writeWholeFile } from './whole-file.ts';

const settingsShape = z.object({
  version: z.literal(1),
  authority: storedAuthority.nullable(),
  /** The invitation's code, until its request is handed in; the CA takes it once. */
  invitationCode: z.string().max(200).nullable(),
  /** Added later: files of the first versions lack it. */
  moduleChoice: z.string().min(1).max(4096).default('automatic'),
});
type StoredSettings = z.infer<typeof settingsShape>;

const NOTHING: StoredSettings = { version: 1, authority: null, invitationCode: null, moduleChoice: 'automatic' };

/** Reads once, then answers from memory; every change is on disk when its promise is fulfilled. */
export class SettingsFile {
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private stored: StoredSettings,
  ) {}

  /** A missing file is a first start. An unreadable one is put aside as .unreadable, and said in the log. */
  static async open(path: string, log: Log): Promise<SettingsFile> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch {
      return new SettingsFile(path, NOTHING);
    }
    try {
      return new SettingsFile(path, settingsShape.parse(JSON.parse(text)));
    } catch (error) {
      log.bug('settings file', error);
      await rename(path, `${path}.unreadable`);
      return new SettingsFile(path, NOTHING);
    }
  }

  get authority(): PinnedAuthority | null {
    const { authority } = this.stored;
    return authority === null ? null : restoreAuthority(authority);
  }

  get invitationCode(): string | null {
    return this.stored.invitationCode;
  }

  get moduleChoice(): ModuleChoice {
    return this.stored.moduleChoice;
  }

  /** Pins a CA, with the code of the invitation that led to it. */
  trust(authority: PinnedAuthority, invitationCode: string | null): Promise<void> {
    return this.#replace({ ...this.stored, authority: storeAuthority(authority), invitationCode });
  }

  /** The invitation is used up: its request is at the CA. */
  forgetInvitation(): Promise<void> {
    return this.stored.invitationCode === null ? Promise.resolve() : this.#replace({ ...this.stored, invitationCode: null });
  }

  forgetAuthority(): Promise<void> {
    return this.#replace({ ...this.stored, authority: null, invitationCode: null });
  }

  chooseModule(choice: ModuleChoice): Promise<void> {
    return this.#replace({ ...this.stored, moduleChoice: choice });
  }

  #replace(next: StoredSettings): Promise<void> {
    this.stored = next;
    this.#lastWrite = this.#lastWrite.catch(() => undefined).then(() => writeWholeFile(this.path, `${JSON.stringify(next, null, 2)}\n`));
    return this.#lastWrite;
  }
}
