import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import type { Clock, EnrollmentPorts } from '../../core/enrollment/ports.ts';
import { type EnrollmentRecord, type EnrollmentRecords, formatRecord, parseRecord } from '../../core/enrollment/record.ts';
import { type Enrollment, createEnrollment } from '../../core/enrollment/run.ts';
import type { EnrollmentAnswers, EnrollmentQuestions, EnrollmentState } from '../../core/enrollment/state.ts';
import type { EnrollableKeyType, EnrollablePinPolicy, TouchPolicy } from '../../core/security-key.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { inProcessSecurityKey } from './in-process-key.ts';
import { type WatchedCard, pinOf, pukOf, watchAttempts } from './watched-card.ts';

export const PIN = '470193';
export const PUK = '58213907';

/** Records that go through text, as in a file. */
export function recordsInMemory(): EnrollmentRecords & { readonly all: ReadonlyMap<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    read: async (id) => parseRecord(all.get(id) ?? ''),
    write: async (record: EnrollmentRecord) => void all.set(record.id, formatRecord(record)),
    remove: async (id) => void all.delete(id),
  };
}

/** A clock on which time passes only when the test says so. */
export class HeldClock implements Clock {
  readonly #waiting = new Set<() => void>();

  now(): Date {
    return new Date();
  }

  wait(_milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#waiting.delete(finish);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#waiting.add(finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  /** Every wait is over now. */
  pass(): void {
    for (const finish of [...this.#waiting]) finish();
  }
}

export interface PersonOptions {
  readonly key: VirtualYubiKeyOptions;
  readonly authority: { readonly pinned: PinnedAuthority; readonly client: CertificateAuthority };
  readonly keyType?: EnrollableKeyType;
  readonly pinPolicy?: EnrollablePinPolicy;
  readonly touchPolicy?: TouchPolicy;
  /** Where it can be kept. */
  readonly keepsOldKey?: boolean;
  readonly invitationCode?: string;
}

/** Somebody with a virtual key and a computer, who answers what is asked. */
export class Person {
  readonly card: VirtualYubiKey;
  readonly watched: WatchedCard;
  readonly records = recordsInMemory();
  readonly clock = new HeldClock();
  /** Bugs that the enrollment reported. Tests want it empty. */
  readonly bugs: unknown[] = [];
  /** How often the person was asked whether something in 9a may be replaced. */
  timesAskedToReplace = 0;
  enrollment: Enrollment;

  constructor(readonly options: PersonOptions) {
    this.card = new VirtualYubiKey(options.key);
    this.watched = watchAttempts(this.card);
    this.enrollment = this.startApp();
  }

  /** The app ended and is started again: only the records and the key remember. */
  startApp(client: CertificateAuthority = this.options.authority.client): Enrollment {
    const ports: EnrollmentPorts = {
      securityKey: inProcessSecurityKey(this.card, this.watched),
      authority: this.options.authority.pinned,
      certificateAuthority: client,
      invitationCode: this.options.invitationCode ?? null,
      records: this.records,
      clock: this.clock,
      reportBug: (error) => {
        this.bugs.push(error);
        return { kind: 'unexpected', id: 'test' };
      },
    };
    this.enrollment = createEnrollment(ports);
    return this.enrollment;
  }

  /** What this person answers; before 5.3 only they know whether a change arrived before the key was pulled. */
  answersTo(questions: EnrollmentQuestions): EnrollmentAnswers {
    const { keyType, pinPolicy, touchPolicy, keepsOldKey = false } = this.options;
    const isKept = keepsOldKey && questions.replaces?.canKeep === true;
    if (questions.replaces !== null) this.timesAskedToReplace += 1;
    const isPinOwn = pinOf(this.card) === PIN;
    const isPukOwn = pukOf(this.card) === PUK;
    return {
      currentPin: questions.pin === 'choose' ? undefined : pinOf(this.card),
      newPin: questions.pin === 'choose' || (questions.pin === 'enter-or-change' && !isPinOwn) ? PIN : undefined,
      currentPuk: questions.puk === 'enter-or-keep' && !isPukOwn ? pukOf(this.card) : undefined,
      newPuk: questions.puk !== null && !isPukOwn ? PUK : undefined,
      name: 'Ana Example',
      email: 'ana@example.org',
      replace: questions.replaces !== null && !isKept ? true : undefined,
      keepOldKey: isKept ? true : undefined,
      ...(keyType === undefined ? {} : { keyType }),
      ...(pinPolicy === undefined ? {} : { pinPolicy }),
      ...(touchPolicy === undefined ? {} : { touchPolicy }),
    };
  }

  /** Begins (or goes on from a state) and answers until nothing more is asked: waits for approval, stopped, denied or done. */
  async goOn(from?: EnrollmentState): Promise<EnrollmentState> {
    let state = from ?? (await this.enrollment.begin());
    while (state.kind === 'asking') {
      if (state.problem !== null) throw new Error(`Asked again: ${JSON.stringify(state.problem)}`);
      state = await this.enrollment.answer(this.answersTo(state.questions));
    }
    return state;
  }

  /** Resolves with the first state, from now on, for which `isWanted`. */
  until(isWanted: (state: EnrollmentState) => boolean): Promise<EnrollmentState> {
    return new Promise((resolve) => {
      const stop = this.enrollment.onChange((state) => {
        if (!isWanted(state)) return;
        stop();
        resolve(state);
      });
    });
  }
}
