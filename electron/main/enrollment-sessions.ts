/** The enrollments under way, one a reader. What they do is core/enrollment's; here they begin, end and are told of. */
import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import type { Clock, EnrollmentPorts } from '../../core/enrollment/ports.ts';
import type { EnrollmentRecords } from '../../core/enrollment/record.ts';
import type { Enrollment } from '../../core/enrollment/run.ts';
import type { EnrolledCertificate, EnrollmentAnswers, EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import { success, unreachable, type Result } from '../../core/result.ts';
import type { SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';
import type { Tell } from './ipc-serve.ts';
import type { Log } from './log.ts';

/** Where the pinned CA and the invitation that led to it are kept (settings-file.ts). */
export interface AuthoritySettings {
  readonly authority: PinnedAuthority | null;
  readonly invitationCode: string | null;
  forgetInvitation(): Promise<void>;
}

export interface EnrollmentEngine {
  readonly connect: (authority: PinnedAuthority) => CertificateAuthority;
  readonly createEnrollment: (ports: EnrollmentPorts) => Enrollment;
}

export interface EnrollmentSessionsOptions {
  readonly keys: SecurityKeys;
  readonly settings: AuthoritySettings;
  /** Loaded when the first enrollment begins: reading certificates takes a large library. */
  readonly loadEngine: () => Promise<EnrollmentEngine>;
  readonly records: EnrollmentRecords;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly log: Log;
  /** A key has its certificate: now, or since before. */
  readonly onDone: (key: SecurityKeyFacts, certificate: EnrolledCertificate) => void;
}

interface Session {
  readonly enrollment: Enrollment;
  /** The key it was begun for, as last seen; undefined until that is seen. */
  key: SecurityKeyFacts | undefined;
  stopHearing(): void;
}

export class EnrollmentSessions {
  readonly #sessions = new Map<string, Session>();
  #situation: SecurityKeysSituation = { kind: 'starting' };

  constructor(private readonly options: EnrollmentSessionsOptions) {
    options.keys.watch((situation) => this.#keysChanged(situation));
  }

  state(readerName: string): EnrollmentState | null {
    return this.#sessions.get(readerName)?.enrollment.state ?? null;
  }

  /** Begins, or reads anew what is left; joins work that is under way. */
  async begin(readerName: string, renews = false): Promise<EnrollmentState> {
    const engine = await this.options.loadEngine();
    const running = this.#sessions.get(readerName);
    if (running?.enrollment.state.kind === 'working') return running.enrollment.begin();
    this.leave(readerName);
    return this.#open(readerName, engine).enrollment.begin({ renews });
  }

  answer(readerName: string, answers: EnrollmentAnswers): Promise<EnrollmentState> {
    const session = this.#sessions.get(readerName);
    if (!session) throw new Error('an answer without an enrollment');
    return session.enrollment.answer(answers);
  }

  /** Takes back the request that waits at the CA, and reads anew. Fails with what the CA says, such as request-already-decided. */
  async withdraw(readerName: string): Promise<Result<EnrollmentState>> {
    const { authority } = this.options.settings;
    const enrollment = this.#sessions.get(readerName)?.enrollment;
    if (!authority || enrollment?.state.kind !== 'waiting-for-approval') throw new Error('a withdrawal without a request');
    const { connect } = await this.options.loadEngine();
    const withdrawn = await connect(authority).withdraw(enrollment.state.request.id);
    return withdrawn.ok ? success(await enrollment.begin()) : withdrawn;
  }

  /** The cause of a stop may be gone: the PIN was unblocked, say. */
  tryAgain(readerName: string): void {
    if (this.state(readerName)?.kind === 'stopped') this.readAnew(readerName);
  }

  /** What is known of a key is out of date. Work under way finds out by itself. */
  readAnew(readerName: string): void {
    const session = this.#sessions.get(readerName);
    if (session && session.enrollment.state.kind !== 'working') void session.enrollment.begin();
  }

  leave(readerName: string): void {
    const session = this.#sessions.get(readerName);
    session?.stopHearing();
    session?.enrollment.leave();
    this.#sessions.delete(readerName);
  }

  leaveAll(): void {
    for (const readerName of [...this.#sessions.keys()]) this.leave(readerName);
  }

  #open(readerName: string, { connect, createEnrollment }: EnrollmentEngine): Session {
    const { keys, settings, records, clock, tell, log, onDone } = this.options;
    const { authority } = settings;
    if (!authority) throw new Error('an enrollment without a CA');
    const enrollment = createEnrollment({
      securityKey: keys.at(readerName),
      authority,
      certificateAuthority: connect(authority),
      // Read anew each time: once it is used up, a request that was denied is followed by one without it.
      get invitationCode() {
        return settings.invitationCode;
      },
      records,
      clock,
      reportBug: (error) => log.bug('enrollment', error),
    });
    const stopHearing = enrollment.onChange((state) => {
      tell('enrollment.changed', { readerName, state });
      if (isHandedIn(state)) void settings.forgetInvitation();
      if (state.kind === 'done' && session.key !== undefined) onDone(session.key, state.certificate);
    });
    const session: Session = { enrollment, stopHearing, key: keyIn(this.#situation, readerName) };
    this.#sessions.set(readerName, session);
    return session;
  }

  /** A key that is back goes on by itself; another key in the same reader has nothing to do with the session. */
  #keysChanged(situation: SecurityKeysSituation): void {
    this.#situation = situation;
    for (const [readerName, session] of [...this.#sessions]) {
      const key = keyIn(situation, readerName);
      if (key === undefined) continue;
      if (session.key !== undefined && session.key.serial !== key.serial) {
        this.leave(readerName);
        continue;
      }
      session.key = key;
      const { state } = session.enrollment;
      if (state.kind === 'stopped' && isCuredByKey(state.failure)) void session.enrollment.begin();
    }
  }
}

/** The facts of a key that is there and read; undefined otherwise. */
function keyIn(situation: SecurityKeysSituation, readerName: string): SecurityKeyFacts | undefined {
  if (situation.kind !== 'present') return undefined;
  const key = situation.keys.find((present) => present.readerName === readerName);
  return key?.kind === 'ready' ? key.facts : undefined;
}

/** Whether the CA has the request, so that the invitation has done its work. */
function isHandedIn(state: EnrollmentState): boolean {
  switch (state.kind) {
    case 'waiting-for-approval':
    case 'denied':
    case 'done':
      return true;
    case 'reading':
    case 'asking':
    case 'working':
    case 'stopped':
      return false;
    default:
      return unreachable(state);
  }
}

/** Failures that end when the key can be read again. */
function isCuredByKey(failure: Failure): boolean {
  return ['security-key-removed', 'security-key-busy', 'security-key-unresponsive', 'smart-card-service-missing', 'smart-card-access-denied', 'device-process-ended'].includes(failure.kind);
}
