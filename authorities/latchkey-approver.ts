/** The approver's side of our own CA: signing in with the certificate's key, then the queue. */
import { z } from 'zod';
import { API, challengeBody, queueBody, queueEntryBody, sessionBody, signInMessage } from '../core/authority-api.ts';
import type { ApproverSession, PinnedAuthority, SignIn } from '../core/certificate-authority.ts';
import type { CertificateRequest } from '../core/requests/certificate-request.ts';
import { type Result, failed, success } from '../core/result.ts';
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
    return session.ok ? success(createSession(calls, session.value.body)) : session;
  };
}

function createSession(calls: LatchkeyCalls, session: z.infer<typeof sessionBody>): ApproverSession {
  // The token lives in this closure alone: the session is passed around, and what is passed around gets logged.
  const authorized = (call: LatchkeyCall): LatchkeyCall => ({ ...call, bearerToken: session.token });
  const entry = async (call: LatchkeyCall): Promise<Result<CertificateRequest>> => {
    const answer = await calls.call(authorized(call), queueEntryBody);
    return answer.ok ? success(answer.value.body) : failed(answer.failure);
  };
  return {
    name: session.name,
    expiresAt: session.expiresAt,
    requests: async (limit) => {
      const answer = await calls.call(authorized({ method: 'GET', path: `${API.queue}?limit=${limit}`, isRepeatable: true }), queueBody);
      return answer.ok ? success(answer.value.body.requests) : answer;
    },
    request: (id) => entry({ method: 'GET', path: API.queueEntry(id), isRepeatable: true }),
    // A decision is not repeated by itself: the second try would be told that it is decided already.
    approve: (id) => entry({ method: 'POST', path: API.approve(id), isRepeatable: false }),
    deny: (id, reason) => entry({ method: 'POST', path: API.deny(id), body: { reason }, isRepeatable: false }),
    signOut: async () => {
      // Whether it arrives or not: the token is forgotten here, and ends by itself there.
      await calls.call(authorized({ method: 'DELETE', path: API.session, isRepeatable: true }), z.unknown());
    },
  };
}
