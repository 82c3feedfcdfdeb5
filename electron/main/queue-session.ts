/** An officer's session at the CA: signed in with a key, asking for the queue every two seconds, told to the window. */
import { equalBytes } from '../../core/bytes.ts';
import type { ApproverSession, PinnedAuthority, QueuePage, SignIn } from '../../core/certificate-authority.ts';
import type { ApproverView, QueueView } from '../../core/ipc.ts';
import type { Decision, DecisionOutcome } from '../../core/requests/decision.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { SecurityKeys } from '../../core/security-key.ts';
import type { Tell } from './ipc-serve.ts';

/** The first page of the queue, as it is kept up to date; the window asks for further ones. */
const FIRST_PAGE = 100;

export interface QueueSessionOptions {
  readonly keys: SecurityKeys;
  readonly authority: () => PinnedAuthority | null;
  readonly signInAt: (authority: PinnedAuthority) => SignIn;
  readonly tell: Tell;
  readonly pollEveryMs?: number;
}

interface SignedIn {
  readonly session: ApproverSession;
  /** DER: what signed in. Decisions are signed by the key that holds it, and by no other. */
  readonly certificate: Uint8Array;
  readonly readerName: string;
  readonly keySerial: number | null;
  pending: QueuePage;
  /** Grows whenever something in the queue changed. */
  revision: number;
  offline: boolean;
}

const EMPTY_PAGE: QueuePage = { requests: [], next: null, counts: { pending: 0, decided: 0 } };

export class QueueSession {
  #signedIn: SignedIn | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastTold = '';

  constructor(private readonly options: QueueSessionOptions) {}

  get view(): QueueView {
    if (!this.#signedIn) return { kind: 'signed-out' };
    const { session, keySerial, pending, revision, offline } = this.#signedIn;
    return { kind: 'signed-in', approver: viewOf(session, keySerial), counts: pending.counts, pending, revision, offline };
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
    this.#signedIn = { session: session.value, certificate, readerName, keySerial: facts.value.serial, pending: EMPTY_PAGE, revision: 0, offline: false };
    await this.#poll();
    return success(viewOf(session.value, facts.value.serial));
  }

  async signOut(): Promise<void> {
    const ended = this.#signedIn;
    this.#leave();
    await ended?.session.signOut();
  }

  /**
   * Signs these decisions with the key that signed in and hands them in; the PIN is for all of them, and is not kept.
   * Another key in its reader fails with security-key-removed before any PIN reaches it: told by its certificate, since some
   * keys tell no serial.
   */
  async decide(decisions: readonly Decision[], pin: string): Promise<Result<readonly DecisionOutcome[]>> {
    const signedIn = this.#signedIn;
    if (!signedIn) return failed({ kind: 'not-signed-in' });
    const key = this.options.keys.at(signedIn.readerName);
    const facts = await key.facts();
    if (!facts.ok) return facts;
    const { certificate } = facts.value.authentication;
    if (certificate === null || !equalBytes(certificate, signedIn.certificate)) return failed({ kind: 'security-key-removed' });
    const outcomes = await signedIn.session.decide(decisions, (message) => key.sign(pin, message));
    await this.#poll();
    return outcomes;
  }

  /** Asks the CA something; a session that is over is left. Fails with not-signed-in. */
  async ask<T>(question: (session: ApproverSession) => Promise<Result<T>>): Promise<Result<T>> {
    const signedIn = this.#signedIn;
    if (!signedIn) return failed({ kind: 'not-signed-in' });
    const answer = await question(signedIn.session);
    if (!answer.ok && answer.failure.kind === 'not-signed-in' && this.#signedIn === signedIn) this.#leave();
    return answer;
  }

  /** Asks once, tells what changed, and comes again. */
  async #poll(): Promise<void> {
    const signedIn = this.#signedIn;
    if (!signedIn) return;
    this.#stopTimer();
    const answer = await signedIn.session.requests({ list: 'pending', limit: FIRST_PAGE });
    if (this.#signedIn !== signedIn) return;
    if (answer.ok) {
      if (JSON.stringify(answer.value) !== JSON.stringify(signedIn.pending)) signedIn.revision += 1;
      signedIn.pending = answer.value;
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

function viewOf({ name, role, serialNumber, expiresAt }: ApproverSession, keySerial: number | null): ApproverView {
  return { name, role, serialNumber, keySerial, expiresAt };
}
