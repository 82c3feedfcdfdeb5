/** The officers' side of our own CA: signing in with the certificate's key, then the queue and what belongs to it. */
import { z } from 'zod';
import {
  API,
  auditBody,
  certificatesBody,
  challengeBody,
  createdInvitationBody,
  invitationsBody,
  invitationViewBody,
  issuedCertificateBody,
  officersBody,
  outcomesBody,
  profilesBody,
  queueBody,
  queueEntryBody,
  sessionBody,
  signInMessage,
  signingJobsBody,
} from '../core/authority-api.ts';
import type { ApproverSession, PageQuery, PinnedAuthority, Sign, SignIn } from '../core/certificate-authority.ts';
import type { CertificateRequest } from '../core/requests/certificate-request.ts';
import { seenInEntry, signDecision } from '../core/requests/decision-statement.ts';
import type { Decision, DecisionOutcome } from '../core/requests/decision.ts';
import { done, type Result, success } from '../core/result.ts';
import type { LatchkeyCall, LatchkeyCalls } from './latchkey-calls.ts';
import { type LatchkeyOptions, pinnedCalls } from './latchkey.ts';

/**
 * Signing in to a pinned CA: fetch a challenge, sign {@link signInMessage}, hand the signature in with the certificate.
 * Fails with sign-in-rejected, not-an-approver, whatever `sign` fails with, and authority-unreachable, -untrusted, -protocol.
 */
export function latchkeySignIn(authority: PinnedAuthority, options: LatchkeyOptions = {}): SignIn {
  const calls = pinnedCalls(authority, options);
  return async (certificate, sign) => {
    const challenge = await calls.call({ method: 'POST', path: API.signInChallenge, isRepeatable: true }, challengeBody);
    if (!challenge.ok) return challenge;
    const { challengeId, challenge: nonce } = challenge.value.body;
    const signature = await sign(signInMessage(authority.fingerprint, nonce));
    if (!signature.ok) return signature;
    const body = { challengeId, certificate, signature: signature.value };
    // Not repeatable: a challenge is good for one answer.
    const session = await calls.call({ method: 'POST', path: API.signIn, body, isRepeatable: false }, sessionBody);
    if (!session.ok) return session;
    return success(createSession({ calls, session: session.value.body, fingerprint: authority.fingerprint, certificate }));
  };
}

interface SignedIn {
  readonly calls: LatchkeyCalls;
  readonly session: z.infer<typeof sessionBody>;
  /** Of the CA. */
  readonly fingerprint: string;
  /** DER: the one that signed in, and that statements carry. */
  readonly certificate: Uint8Array;
}

/** "?list=pending&limit=100"; what is undefined is left out. */
function queryString(query: PageQuery & { readonly list?: string; readonly status?: string }): string {
  const parameters = Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
  return `?${new URLSearchParams(parameters).toString()}`;
}

/** Calls with the session's token, which lives in this closure alone: what is passed around gets logged. */
function authorizedCalls({ calls, session }: SignedIn) {
  const call = async <T>(wanted: LatchkeyCall, parser: z.ZodType<T>): Promise<Result<T>> => {
    const answer = await calls.call({ ...wanted, bearerToken: session.token }, parser);
    return answer.ok ? success(answer.value.body) : answer;
  };
  return {
    get: <T>(path: string, parser: z.ZodType<T>) => call({ method: 'GET', path, isRepeatable: true }, parser),
    /** Not repeated by itself: the second try would be told that it is done already, or do it twice. */
    post: <T>(path: string, body: unknown, parser: z.ZodType<T>) => call({ method: 'POST', path, body, isRepeatable: false }, parser),
    delete: <T>(path: string, parser: z.ZodType<T>) => call({ method: 'DELETE', path, isRepeatable: true }, parser),
  };
}

/** One statement after the other: a key signs one thing at a time. */
async function signAll(decisions: readonly Decision[], { fingerprint, certificate }: SignedIn, sign: Sign): Promise<Result<readonly string[]>> {
  const statements: string[] = [];
  for (const decision of decisions) {
    const statement = await signDecision(decision, { authority: fingerprint, certificate, at: new Date(), sign });
    if (!statement.ok) return statement;
    statements.push(statement.value);
  }
  return success(statements);
}

/** With the words of the CSR itself, whatever the server says they are: they are compared by voice to find a server that lies. */
async function asSeenHere(entry: CertificateRequest): Promise<CertificateRequest> {
  return { ...entry, words: (await seenInEntry(entry)).words };
}

function createSession(signedIn: SignedIn): ApproverSession {
  const { name, role, serialNumber, expiresAt } = signedIn.session;
  const calls = authorizedCalls(signedIn);
  return {
    name,
    role,
    serialNumber,
    expiresAt,
    requests: async (query) => {
      const page = await calls.get(API.queue + queryString(query), queueBody);
      return page.ok ? success({ ...page.value, requests: await Promise.all(page.value.requests.map(asSeenHere)) }) : page;
    },
    request: async (id) => {
      const entry = await calls.get(API.queueEntry(id), queueEntryBody);
      return entry.ok ? success(await asSeenHere(entry.value)) : entry;
    },
    decide: async (decisions, sign): Promise<Result<readonly DecisionOutcome[]>> => {
      if (decisions.length === 0) return success([]);
      const statements = await signAll(decisions, signedIn, sign);
      if (!statements.ok) return statements;
      const answer = await calls.post(API.decisions, { statements: statements.value }, outcomesBody);
      return answer.ok ? success(answer.value.outcomes) : answer;
    },
    certificates: (query) => calls.get(API.certificates + queryString(query), certificatesBody),
    invitations: (query) => calls.get(API.invitations + queryString(query), invitationsBody),
    invite: (wanted) => calls.post(API.invitations, wanted, createdInvitationBody),
    endInvitation: (id) => calls.delete(API.invitation(id), invitationViewBody),
    officers: async () => {
      const answer = await calls.get(API.officers, officersBody);
      return answer.ok ? success(answer.value.officers) : answer;
    },
    setRole: (serial, wanted) => calls.post(API.role(serial), { role: wanted }, issuedCertificateBody),
    audit: (query) => calls.get(API.audit + queryString(query), auditBody),
    profiles: async () => {
      const answer = await calls.get(API.profiles, profilesBody);
      return answer.ok ? success(answer.value.profiles) : answer;
    },
    signingJobs: async () => {
      const answer = await calls.get(API.signingJobs, signingJobsBody);
      return answer.ok ? success(answer.value.jobs) : answer;
    },
    handInSignature: async (jobId, signature) => {
      const answer = await calls.post(API.signingJob(jobId), { signature }, z.unknown());
      return answer.ok ? done : answer;
    },
    signOut: async () => {
      // Whether it arrives or not: the token is forgotten here, and ends by itself there.
      await calls.delete(API.session, z.unknown());
    },
  };
}
