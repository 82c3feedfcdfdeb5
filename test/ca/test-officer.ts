/** An officer with a key in software: what the app does with a session, in one call each. */
import { latchkeySignIn } from '../../authorities/latchkey-approver.ts';
import type { ApproverSession, PinnedAuthority, Sign } from '../../core/certificate-authority.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { seenInEntry } from '../../core/requests/decision-statement.ts';
import type { Decision } from '../../core/requests/decision.ts';
import { failed, success, type Result } from '../../core/result.ts';

export interface TestOfficer extends ApproverSession {
  readonly certificate: Uint8Array;
  readonly sign: Sign;
  /** Looks at the entry and signs a yes to its CSR. */
  approve(id: string): Promise<Result<CertificateRequest>>;
  deny(id: string, reason: string): Promise<Result<CertificateRequest>>;
  /** One decision alone; its outcome as a result. */
  decideOne(decision: Decision): ReturnType<typeof decideOne>;
  /** Pending first, oldest first; then the others, newest first. */
  all(limit?: number): Promise<Result<readonly CertificateRequest[]>>;
}

async function decideOne(session: ApproverSession, sign: Sign, decision: Decision) {
  const outcomes = await session.decide([decision], sign);
  if (!outcomes.ok) return outcomes;
  const [outcome] = outcomes.value;
  if (outcome === undefined) throw new Error('No outcome came of the decision.');
  return outcome.ok ? success(outcome) : failed(outcome.failure);
}

/** A session that is open already. */
export function testOfficer(session: ApproverSession, certificate: Uint8Array, sign: Sign): TestOfficer {
  async function decideEntry(id: string, decisionOf: (csrSha256: string) => Decision): Promise<Result<CertificateRequest>> {
    const entry = await session.request(id);
    if (!entry.ok) return entry;
    const outcome = await decideOne(session, sign, decisionOf((await seenInEntry(entry.value)).csrSha256));
    if (!outcome.ok) return outcome;
    if (outcome.value.request === null) throw new Error('A decision about a request came back without it.');
    return success(outcome.value.request);
  }
  return {
    ...session,
    certificate,
    sign,
    approve: (requestId) => decideEntry(requestId, (csrSha256) => ({ decision: 'approve', requestId, csrSha256 })),
    deny: (requestId, reason) => decideEntry(requestId, (csrSha256) => ({ decision: 'deny', requestId, csrSha256, reason })),
    decideOne: (decision) => decideOne(session, sign, decision),
    all: async (limit = Infinity) => {
      const found: CertificateRequest[] = [];
      for (const list of ['pending', 'decided'] as const) {
        for (let after: string | null | undefined; after !== null && found.length < limit; ) {
          const page = await session.requests({ list, limit: Math.min(500, limit - found.length), ...(after === undefined ? {} : { after }) });
          if (!page.ok) return page;
          found.push(...page.value.requests);
          after = page.value.next;
        }
      }
      return success(found);
    },
  };
}

/** Signs in. */
export async function signInAs(authority: PinnedAuthority, certificate: Uint8Array, sign: Sign): Promise<Result<TestOfficer>> {
  const session = await latchkeySignIn(authority)(certificate, sign);
  return session.ok ? success(testOfficer(session.value, certificate, sign)) : session;
}
