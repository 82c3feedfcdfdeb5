/** An approver's session at the CA: signed in with a key, asking for the queue every two seconds, told to the window. */
import type { ApproverSession, PinnedAuthority, SignIn } from '../../core/certificate-authority.ts';
import type { ApproverView, QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { SecurityKeys } from '../../core/security-key.ts';
import type { Tell } from './ipc-serve.ts';

/** At most so many requests are asked for at once. */
const LIMIT = 200;

export interface QueueSessionOptions {
  readonly keys: SecurityKeys;
  readonly authority: () => PinnedAuthority | null;
  readonly signInAt: (authority: PinnedAuthority) => SignIn;
  readonly tell: Tell;
  readonly pollEveryMs?: number;
}

interface SignedIn {
  readonly session: ApproverSession;
  requests: readonly CertificateRequest[];
  offline: boolean;
}

export class QueueSession {
  #signedIn: SignedIn | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastTold = '';

  constructor(private readonly options: QueueSessionOptions) {}

  get view(): QueueView {
    if (!this.#signedIn) return { kind: 'signed-out' };
    const { session, requests, offline } = this.#signedIn;
    return { kind: 'signed-in', approver: { name: session.name, expiresAt: session.expiresAt }, requests, offline };
  }

  /** Signs the CA's challenge with the key in the reader; its certificate says who that is. */
  async signIn(readerName: string, pin: string): Promise<Result<ApproverView>> {
    const authority = this.options.authority();
    if (!authority) throw new Error('a sign-in without a CA');
    const key = this.options.keys.at(readerName);
    const facts = await key.facts();
    if (!facts.ok) return facts;
    const { certificate } = facts.value.authentication;
    if (!certificate) return failed({ kind: 'slot-empty' });
    const session = await this.options.signInAt(authority)(certificate, (message) => key.sign(pin, message));
    if (!session.ok) return session;
    await this.signOut();
    this.#signedIn = { session: session.value, requests: [], offline: false };
    await this.#poll();
    return success({ name: session.value.name, expiresAt: session.value.expiresAt });
  }

  async signOut(): Promise<void> {
    const ended = this.#signedIn;
    this.#leave();
    await ended?.session.signOut();
  }

  approve(id: string): Promise<Result<CertificateRequest>> {
    return this.#decide((session) => session.approve(id));
  }

  deny(id: string, reason: string): Promise<Result<CertificateRequest>> {
    return this.#decide((session) => session.deny(id, reason));
  }

  async #decide(decide: (session: ApproverSession) => Promise<Result<CertificateRequest>>): Promise<Result<CertificateRequest>> {
    if (!this.#signedIn) return failed({ kind: 'not-signed-in' });
    const decided = await decide(this.#signedIn.session);
    await this.#poll();
    return decided;
  }

  /** Asks once, tells what changed, and comes again. */
  async #poll(): Promise<void> {
    const signedIn = this.#signedIn;
    if (!signedIn) return;
    this.#stopTimer();
    const answer = await signedIn.session.requests(LIMIT);
    if (this.#signedIn !== signedIn) return;
    if (answer.ok) {
      signedIn.requests = answer.value;
      signedIn.offline = false;
    } else if (answer.failure.kind === 'not-signed-in') {
      return this.#leave();
    } else {
      signedIn.offline = true;
    }
    this.#tellChanges();
    this.#stopTimer();
    this.#timer = setTimeout(() => void this.#poll(), this.options.pollEveryMs ?? 2000);
  }

  #leave(): void {
    this.#stopTimer();
    this.#signedIn = null;
    this.#tellChanges();
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #tellChanges(): void {
    const { view } = this;
    const told = JSON.stringify(view);
    if (told === this.#lastTold) return;
    this.#lastTold = told;
    this.options.tell('queue.changed', view);
  }
}
