/** One enrollment at work: reads facts, plans, asks, does the steps, waits, and tells each state. Nothing secret stays. */
import type { SubmittedRequest } from '../certificate-authority.ts';
import type { Failure } from '../failures.ts';
import { fourWords } from '../requests/four-words.ts';
import { type Result, success, unreachable } from '../result.ts';
import { type KeyProof, formatFirmware } from '../security-key.ts';
import { awaitDecision, retryDelay } from './approval.ts';
import { checkAnswers } from './check-answers.ts';
import { describeCertificate } from './enrolled-certificate.ts';
import { type EnrollmentFacts, isOfThisRecord } from './facts.ts';
import { type GatheredFacts, type KnownRequest, gatherFacts, readKey } from './gather-facts.ts';
import { type EnrollmentPlan, asksTheSame, planEnrollment } from './plan.ts';
import type { EnrollmentPorts } from './ports.ts';
import { reactionTo, recordAfter } from './reactions.ts';
import type { EnrollmentAnswers, EnrollmentState } from './state.ts';
import { remainingSteps } from './steps.ts';
import { type EnrollmentEvent, transition } from './transition.ts';
import { type WorkOutcome, workThroughSteps } from './work.ts';

/** One enrollment of one key at one CA. */
export interface Enrollment {
  readonly state: EnrollmentState;
  /**
   * Reads the key and the CA and computes what is left. Call it first, and again whenever something may have changed
   * (key back in, "try again"). Resolves with the state it comes to rest in; while work runs, with what that comes to.
   * `renews`: a certificate that is still good is no reason to stop; a new key pair is asked about, as over anything else.
   */
  begin(options?: { readonly renews: boolean }): Promise<EnrollmentState>;
  /**
   * Answers the questions of state 'asking' and does what can be done with them. Resolves with the state it comes to rest
   * in: asking (again), waiting-for-approval, stopped, denied or done. In any other state it changes nothing.
   */
  answer(answers: EnrollmentAnswers): Promise<EnrollmentState>;
  /** Stops asking the CA. What is done stays done; {@link begin} goes on. */
  leave(): void;
  /** Calls back at every change; the returned function ends it. */
  onChange(listener: (state: EnrollmentState) => void): () => void;
}

/** What runs besides the calls (polling, trying again) ends with the next call, or with `leave`. */
export function createEnrollment(ports: EnrollmentPorts): Enrollment {
  const run = new EnrollmentRun(ports);
  return {
    get state() {
      return run.state;
    },
    begin: (options) => run.begin(options),
    answer: (answers) => run.answer(answers),
    leave: () => run.leave(),
    onChange: (listener) => run.onChange(listener),
  };
}

type Asking = { readonly facts: EnrollmentFacts; readonly plan: Extract<EnrollmentPlan, { kind: 'ask' }> };

class EnrollmentRun {
  state: EnrollmentState = { kind: 'reading' };
  readonly #ports: EnrollmentPorts;
  readonly #listeners = new Set<(state: EnrollmentState) => void>();
  /** The call at work; a second one waits for it instead of working beside it. */
  #running: Promise<void> | null = null;
  /** Ends the waiting in the background. */
  #background = new AbortController();
  #hasLeft = false;
  /** What the person is being asked, and from which facts. */
  #asking: Asking | null = null;
  /** The person wants the key pair that is read next renewed; its hash is kept until another takes its place. */
  #isRenewing = false;
  #outgoingSha256: string | null = null;

  constructor(ports: EnrollmentPorts) {
    this.#ports = ports;
  }

  async begin({ renews }: { readonly renews: boolean } = { renews: false }): Promise<EnrollmentState> {
    this.#hasLeft = false;
    // Whoever hears of a state at rest calls before the run that told it has quite ended: that is no run to join.
    const isAtRest = this.state.kind !== 'working' && this.state.kind !== 'reading';
    if (isAtRest) await this.#running;
    if (renews && this.#running === null) this.#isRenewing = true;
    return this.#exclusively(async () => {
      this.#tell({ kind: 'reading-began' });
      await this.#settle();
    });
  }

  async answer(answers: EnrollmentAnswers): Promise<EnrollmentState> {
    const asking = this.#asking;
    // Taken by the first answer, before anything is awaited: a second click must not spend a PIN attempt of its own.
    this.#asking = null;
    while (this.#running !== null) await this.#running;
    if (asking === null) return this.state;
    this.#hasLeft = false;
    return this.#exclusively(() => this.#work(asking, answers));
  }

  leave(): void {
    this.#hasLeft = true;
    this.#background.abort();
  }

  onChange(listener: (state: EnrollmentState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: EnrollmentEvent): void {
    this.state = transition(this.state, event);
    for (const listener of this.#listeners) listener(this.state);
  }

  async #exclusively(act: () => Promise<void>): Promise<EnrollmentState> {
    if (this.#running === null) {
      this.#background.abort();
      this.#running = act()
        .catch((error: unknown) => this.#stop(this.#ports.reportBug(error), null))
        .finally(() => {
          this.#running = null;
        });
    }
    await this.#running;
    return this.state;
  }

  /** Reads everything and goes to where the facts lead. */
  async #settle(): Promise<void> {
    this.#asking = null;
    const gathered = await this.#gather();
    if (gathered.ok) await this.#follow(gathered.value, null);
    else this.#stop(gathered.failure, null);
  }

  async #gather(known: KnownRequest | null = null): Promise<Result<GatheredFacts>> {
    const gathered = await gatherFacts(this.#ports, known);
    if (!gathered.ok) return gathered;
    const { facts } = gathered.value;
    if (this.#isRenewing) this.#outgoingSha256 = facts.publicKeySha256;
    this.#isRenewing = false;
    return success({ ...gathered.value, facts: { ...facts, outgoingSha256: this.#outgoingSha256 } });
  }

  /** `problem`: what was wrong with the last answers, shown beside the questions. */
  async #follow({ facts, offline }: GatheredFacts, problem: Failure | null): Promise<void> {
    const plan = planEnrollment(facts);
    switch (plan.kind) {
      case 'finished':
        return this.#finish(plan.certificate, null);
      case 'denied':
        return this.#deny(facts, plan);
      case 'stuck':
        return this.#stop(plan.failure, facts);
      case 'ask':
        this.#asking = { facts, plan };
        return this.#tell({ kind: 'answers-wanted', questions: plan.questions, remaining: plan.remaining, problem });
      case 'proceed':
        return this.#rest(await workThroughSteps(this.#ports, facts, null, (event) => this.#tell(event)));
      case 'wait':
        return this.#waitForApproval(facts, plan.request, offline);
      default:
        return unreachable(plan);
    }
  }

  async #work(asking: Asking, answers: EnrollmentAnswers): Promise<void> {
    const facts = await this.#recheck(asking);
    if (facts === null) return;
    const checked = checkAnswers(asking.plan.questions, answers, formatFirmware(facts.key.firmware));
    if (checked === 'unasked' || !checked.ok) {
      const problem = checked === 'unasked' ? null : checked.failure;
      return this.#follow({ facts, offline: null }, problem);
    }
    return this.#rest(await workThroughSteps(this.#ports, facts, checked.value, (event) => this.#tell(event)));
  }

  /** The key may be another one by now, or have changed. null: what was asked is out of date, and a new state is told. */
  async #recheck({ facts, plan }: Asking): Promise<EnrollmentFacts | null> {
    const keyPart = await readKey(this.#ports);
    if (!keyPart.ok) {
      this.#stop(keyPart.failure, facts);
      return null;
    }
    const isSameKey = keyPart.value.key.serial === facts.key.serial && keyPart.value.publicKeySha256 === facts.publicKeySha256;
    const current = { ...facts, ...keyPart.value };
    const currentPlan = isSameKey ? planEnrollment(current) : null;
    if (currentPlan?.kind === 'ask' && asksTheSame(currentPlan.questions, plan.questions)) return current;
    await this.#settle();
    return null;
  }

  async #rest(outcome: WorkOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'finished':
        return this.#finish(outcome.certificate, outcome.proof);
      case 'waits-for-approval':
        return this.#waitForApproval(outcome.facts, outcome.request, null);
      case 'needs-answers':
        return this.#follow({ facts: outcome.facts, offline: null }, null);
      case 'failed':
        return this.#react(outcome.failure, outcome.facts);
      default:
        return unreachable(outcome);
    }
  }

  async #react(failure: Failure, facts: EnrollmentFacts): Promise<void> {
    const changed = recordAfter(facts, failure);
    if (changed !== null) await this.#ports.records.write(changed);
    if (reactionTo(failure) !== 'ask-again') return this.#stop(failure, facts);
    // The key is read anew for the attempts left; the CA only where it is the one that refused.
    const gathered = await this.#gather(changed === null ? facts : null);
    if (gathered.ok) return this.#follow(gathered.value, failure);
    return this.#stop(gathered.failure, facts);
  }

  #finish(certificate: Uint8Array, proof: KeyProof | null): void {
    this.#tell({ kind: 'finished', certificate: describeCertificate(certificate, this.#ports.authority.name), proof });
  }

  async #deny(facts: EnrollmentFacts, plan: Extract<EnrollmentPlan, { kind: 'denied' }>): Promise<void> {
    // From here on it is told: the next time a new key pair is made, without asking about this one.
    const changed = recordAfter(facts, { kind: 'request-denied', reason: plan.reason });
    if (changed !== null) await this.#ports.records.write(changed);
    this.#tell({ kind: 'denied', reason: plan.reason });
  }

  #stop(failure: Failure, facts: EnrollmentFacts | null): void {
    this.#tell({ kind: 'failed', failure, remaining: facts === null ? null : remainingSteps(facts) });
    if (reactionTo(failure) === 'try-later') this.#inBackground((signal) => this.#tryAgain(failure, signal));
  }

  async #waitForApproval(facts: EnrollmentFacts, request: SubmittedRequest, offline: Failure | null): Promise<void> {
    const { record } = facts;
    const csr = record?.csr ?? null;
    // Of the CSR that this computer handed in, never of what the CA says: comparing them is what they are for.
    const words = csr !== null && isOfThisRecord(facts, record) ? await fourWords(csr) : [];
    const { id, submittedAt } = request;
    const shown = { id, words, submittedAt, authorityName: this.#ports.authority.name };
    this.#tell({ kind: 'approval-awaited', request: shown, remaining: remainingSteps(facts), offline });
    this.#inBackground(async (signal) => {
      const decision = await awaitDecision(this.#ports, id, signal, (answer) => this.#tellOffline(answer));
      if (decision !== 'left') await this.#exclusively(() => this.#settle());
    });
  }

  /** Only what changed is told: the CA is asked every few seconds. */
  #tellOffline(offline: Failure | null): void {
    const isKnown = this.state.kind === 'waiting-for-approval' && this.state.offline?.kind === offline?.kind;
    if (!isKnown) this.#tell({ kind: 'authority-asked', offline });
  }

  /** The CA was away: reads everything again after a while, and shows something only when it changes. */
  async #tryAgain(first: Failure, signal: AbortSignal): Promise<void> {
    let failure = first;
    for (let times = 1; ; times++) {
      await this.#ports.clock.wait(retryDelay(times, failure), signal);
      if (signal.aborted) return;
      const gathered = await gatherFacts(this.#ports);
      if (signal.aborted) return;
      if (gathered.ok || reactionTo(gathered.failure) !== 'try-later') break;
      failure = gathered.failure;
    }
    await this.#exclusively(() => this.#settle());
  }

  #inBackground(act: (signal: AbortSignal) => Promise<void>): void {
    this.#background.abort();
    if (this.#hasLeft) return;
    this.#background = new AbortController();
    const { signal } = this.#background;
    act(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#stop(this.#ports.reportBug(error), null);
    });
  }
}
