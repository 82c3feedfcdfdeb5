/** The applicant's side of our own CA. TLS trusts the pinned CA certificate and no other; the host name is checked too. */
import type { z } from 'zod';
import { API, challengeBody, invitationBody, renewalBody, renewalMessage, submittedBody } from '../core/authority-api.ts';
import { sha256, toHex } from '../core/bytes.ts';
import type { CertificateAuthority, PinnedAuthority, SubmittedRequest } from '../core/certificate-authority.ts';
import { type Result, success } from '../core/result.ts';
import { writePem } from '../core/x509/pem.ts';
import { createExchange } from './https-exchange.ts';
import { type Answer, type LatchkeyCalls, createLatchkeyCalls } from './latchkey-calls.ts';

export interface LatchkeyOptions {
  /** Per request; 15 s unless said. */
  readonly timeoutMilliseconds?: number;
}

/** A client of a pinned CA. It holds nothing that has to be closed. */
export function latchkeyAuthority(authority: PinnedAuthority, options: LatchkeyOptions = {}): CertificateAuthority {
  const calls = pinnedCalls(authority, options);
  return {
    submit: async (csr, invitationCode) => {
      const body = invitationCode === undefined ? { csr } : { csr, invitationCode };
      // Repeatable: the CA answers the same CSR with the same request, also when its code is used up by it.
      return toSubmitted(await calls.call({ method: 'POST', path: API.requests, body, isRepeatable: true }, submittedBody));
    },
    request: async (id) => toSubmitted(await calls.call({ method: 'GET', path: API.request(id), isRepeatable: true }, submittedBody)),
    requestForKey: async (publicKey) => {
      const path = API.requestForKey(toHex(await sha256(publicKey)));
      const answer = toSubmitted(await calls.call({ method: 'GET', path, isRepeatable: true }, submittedBody));
      return !answer.ok && answer.failure.kind === 'request-unknown' ? success(null) : answer;
    },
    invitation: async (code) => {
      // In a body, because addresses end up in logs; repeatable, because looking does not use it up.
      const answer = await calls.call({ method: 'POST', path: API.invitationLookup, body: { code }, isRepeatable: true }, invitationBody);
      return answer.ok ? success(answer.value.body) : answer;
    },
    // Repeatable: what is withdrawn stays so.
    withdraw: async (id) => toSubmitted(await calls.call({ method: 'POST', path: API.withdraw(id), isRepeatable: true }, submittedBody)),
    renewalCode: async (certificate, sign) => {
      const challenge = await calls.call({ method: 'POST', path: API.signInChallenge, isRepeatable: true }, challengeBody);
      if (!challenge.ok) return challenge;
      const { challengeId, challenge: nonce } = challenge.value.body;
      const signature = await sign(renewalMessage(authority.fingerprint, nonce));
      if (!signature.ok) return signature;
      const body = { challengeId, certificate, signature: signature.value };
      const code = await calls.call({ method: 'POST', path: API.renewal, body, isRepeatable: false }, renewalBody);
      return code.ok ? success(code.value.body) : code;
    },
  };
}

/** Calls over TLS that trusts the pinned CA only. */
export function pinnedCalls(authority: PinnedAuthority, options: LatchkeyOptions): LatchkeyCalls {
  const exchange = createExchange(authority.address, { trustedCa: writePem(authority.caCertificate, 'CERTIFICATE'), ...options });
  return createLatchkeyCalls(authority.address, exchange);
}

function toSubmitted(answer: Result<Answer<z.infer<typeof submittedBody>>>): Result<SubmittedRequest> {
  if (!answer.ok) return answer;
  const { body, retryAfterSeconds } = answer.value;
  return success({
    id: body.id,
    status: body.status,
    submittedAt: body.submittedAt,
    ...(body.certificate === undefined ? {} : { certificate: body.certificate }),
    ...(body.chain === undefined ? {} : { chain: body.chain }),
    ...(body.denialReason === undefined ? {} : { denialReason: body.denialReason }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
