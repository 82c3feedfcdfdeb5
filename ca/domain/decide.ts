/** The approver's side: the queue, and decisions. */
import type { QueuePage } from '../../core/certificate-authority.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { DecisionOutcome } from '../../core/requests/decision.ts';
import { failed, success, unreachable, type Result } from '../../core/result.ts';
import type { Page } from '../storage/store.ts';
import { certificateView } from './certificate-view.ts';
import type { Actor, Context } from './context.ts';
import { decideCertificates } from './decide-certificates.ts';
import { decideRequest } from './decide-request.ts';
import type { Officer } from './officers.ts';
import { queueView } from './request-view.ts';
import { checkStatement, type ProvenDecision } from './statement.ts';

/** 'pending': oldest first. 'decided': all others, newest first. */
export async function listQueue(context: Context, query: Page & { readonly list: 'pending' | 'decided' }, viewer: Officer): Promise<QueuePage> {
  return context.store.read(async (rows) => {
    const page = await rows.requests(query);
    return { requests: page.rows.map((found) => queueView(found, viewer)), next: page.next, counts: await rows.requestCounts() };
  });
}

/** Fails with request-unknown. */
export async function queueEntry(context: Context, id: string, viewer: Officer): Promise<Result<CertificateRequest>> {
  const found = await context.store.read((rows) => rows.request(id));
  return found ? success(queueView(found, viewer)) : failed({ kind: 'request-unknown' });
}

async function carryOut(context: Context, { decision, stored }: ProvenDecision, officer: Officer, actor: Actor): Promise<DecisionOutcome> {
  switch (decision.decision) {
    case 'approve':
    case 'deny': {
      const decided = await decideRequest(context, { decision, stored }, officer, actor);
      const entry = decided.ok ? await queueEntry(context, decision.requestId, officer) : decided;
      return entry.ok ? { ok: true, request: entry.value, certificates: [] } : entry;
    }
    case 'revoke':
    case 'hold':
    case 'release':
    case 'revoke-person': {
      const changed = await decideCertificates(context, { decision, stored }, officer, actor);
      return changed.ok ? { ok: true, request: null, certificates: changed.value.map(certificateView) } : changed;
    }
    default:
      return unreachable(decision);
  }
}

/**
 * Carries out decisions, one after the other; each stands or falls by itself, with statement-refused and the failures of
 * decide-request.ts and decide-certificates.ts.
 */
export async function decide(context: Context, statements: readonly string[], officer: Officer, actor: Actor): Promise<readonly DecisionOutcome[]> {
  const outcomes: DecisionOutcome[] = [];
  for (const statement of statements) {
    const proven = await checkStatement(context, officer, statement);
    outcomes.push(proven.ok ? await carryOut(context, proven.value, officer, actor) : proven);
  }
  return outcomes;
}
