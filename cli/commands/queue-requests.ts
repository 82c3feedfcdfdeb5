/** `latchkey queue list`, `show`, `approve` and `deny`. */
import { toWire } from '../../core/authority-api.ts';
import type { ApproverSession, QueuePage } from '../../core/certificate-authority.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { seenInEntry } from '../../core/requests/decision-statement.ts';
import { MAX_DECISIONS, type Decision, type DecisionOutcome } from '../../core/requests/decision.ts';
import { success, type Result } from '../../core/result.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import { CommandStopped, type Outcome } from '../failures.ts';
import { describeFailure } from '../messages/en.ts';
import { signedIn } from '../queue-session.ts';
import { requestLine, requestText } from '../request-text.ts';

/** More than a person reads at once; the pending ones come first. */
const LIST_LIMIT = 200;

export interface ListOptions extends KeyChoice {
  readonly search?: string;
}

/** `latchkey queue list` */
export async function list(context: CommandContext, options: ListOptions): Promise<Outcome> {
  const searched = options.search === undefined ? {} : { search: options.search };
  const found = await signedIn(context, options, async (session) => {
    const pending = await session.requests({ list: 'pending', limit: LIST_LIMIT, ...searched });
    const room = pending.ok ? LIST_LIMIT - pending.value.requests.length : 0;
    if (!pending.ok || room === 0) return pending;
    const decided = await session.requests({ list: 'decided', limit: room, ...searched });
    return decided.ok ? success({ ...decided.value, requests: [...pending.value.requests, ...decided.value.requests] }) : decided;
  });
  return found.ok ? listOutcome(found.value) : found;
}

function listOutcome({ requests, counts }: QueuePage): Outcome {
  const more = counts.pending + counts.decided > requests.length ? [`${counts.pending} pending, ${counts.decided} decided in all.`] : [];
  const text = requests.length === 0 ? 'No requests.' : [...requests.map(requestLine), ...more].join('\n');
  return { ok: true, json: { requests: toWire(requests), counts }, text };
}

/** `latchkey queue show ID` */
export async function show(context: CommandContext, choice: KeyChoice, id: string): Promise<Outcome> {
  const requestId = wellFormed(id);
  return outcomeOf(await signedIn(context, choice, (session) => session.request(requestId)));
}

export interface ApproveOptions extends KeyChoice {
  /** The four words that the applicant reads out. */
  readonly words?: string;
}

/** `latchkey queue approve ID…` */
export async function approve(context: CommandContext, options: ApproveOptions, ids: readonly string[]): Promise<Outcome> {
  if (options.words !== undefined && ids.length > 1) return { ok: false, failure: { kind: 'usage', detail: '--words are those of one request.' } };
  return decideAll(context, options, ids, (requestId, csrSha256) => ({ decision: 'approve', requestId, csrSha256 }), options.words);
}

/** `latchkey queue deny ID… --reason TEXT` */
export async function deny(context: CommandContext, options: KeyChoice & { readonly reason: string }, ids: readonly string[]): Promise<Outcome> {
  const reason = options.reason.trim();
  if (reason === '' || reason.length > 500) return { ok: false, failure: { kind: 'usage', detail: 'The reason has 1 to 500 characters.' } };
  return decideAll(context, options, ids, (requestId, csrSha256) => ({ decision: 'deny', requestId, csrSha256, reason }));
}

type DecisionOf = (requestId: string, csrSha256: string) => Decision;

/** The hash is of the CSR that came with the entry: what is signed is about that and nothing that the server says of it. */
async function decisionsFor(session: ApproverSession, ids: readonly string[], decisionOf: DecisionOf, words?: string): Promise<Result<readonly Decision[]>> {
  const decisions: Decision[] = [];
  for (const id of ids) {
    const entry = await session.request(id);
    if (!entry.ok) return entry;
    if (words !== undefined) checkWords(words, entry.value.words);
    decisions.push(decisionOf(id, (await seenInEntry(entry.value)).csrSha256));
  }
  return success(decisions);
}

/** What was compared by voice a while ago is what is approved now. The words are those of the CSR that came, not the server's. */
function checkWords(compared: string, words: readonly string[]): void {
  if (compared.trim().toLowerCase().split(/\s+/).join(' ') === words.join(' ')) return;
  throw new CommandStopped({ kind: 'usage', detail: `The four words of this request are "${words.join(' ')}": it is not the one that you compared. Nothing was approved.` });
}

async function decideAll(context: CommandContext, choice: KeyChoice, given: readonly string[], decisionOf: DecisionOf, words?: string): Promise<Outcome> {
  const ids = [...new Set(given.map(wellFormed))];
  if (ids.length > MAX_DECISIONS) return { ok: false, failure: { kind: 'usage', detail: `At most ${MAX_DECISIONS} requests at a time.` } };
  const outcomes = await signedIn(context, choice, async (session, sign) => {
    const decisions = await decisionsFor(session, ids, decisionOf, words);
    return decisions.ok ? session.decide(decisions.value, sign) : decisions;
  });
  if (!outcomes.ok) return outcomes;
  const [only] = outcomes.value;
  if (ids.length > 1 || only === undefined) return severalOutcome(ids, outcomes.value);
  return only.ok ? outcomeOf(only.request === null ? { ok: false, failure: { kind: 'request-unknown' } } : success(only.request)) : only;
}

/** A line for each; the exit code is that of the first that failed. */
function severalOutcome(ids: readonly string[], outcomes: readonly DecisionOutcome[]): Outcome {
  const json = { outcomes: outcomes.map((outcome, index) => ({ id: ids[index], ...(toWire(outcome) as object) })) };
  const failed = outcomes.find((outcome) => !outcome.ok);
  if (failed?.ok === false) return { ok: false, failure: failed.failure, json };
  return { ok: true, json, text: outcomes.map((outcome, index) => lineOf(ids[index] ?? '', outcome)).join('\n') };
}

function lineOf(id: string, outcome: DecisionOutcome): string {
  if (!outcome.ok) return `${id}  ${describeFailure(outcome.failure).happened}`;
  return outcome.request === null ? id : requestLine(outcome.request);
}

function outcomeOf(request: Result<CertificateRequest>): Outcome {
  return request.ok ? { ok: true, json: { request: toWire(request.value) }, text: requestText(request.value) } : request;
}

/** Found out before the PIN is asked: anything else than an id is a slip of the pen. */
function wellFormed(id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new CommandStopped({ kind: 'usage', detail: `"${id}" is not the number of a request: 32 hexadecimal digits.` });
  return id;
}
