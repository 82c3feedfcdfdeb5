/** What anybody may ask of the CA: who it is, and one's own request. */
import { API, invitationCodeBody, requestIdPattern, signInBody, submitBody } from '../../core/authority-api.ts';
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { allIssuers, rootOf } from '../domain/authority.ts';
import type { Context } from '../domain/context.ts';
import { lookUpInvitation } from '../domain/invitations.ts';
import { proveRenewal } from '../domain/renewal.ts';
import { requestForKey, requestOfApplicant, submitRequest } from '../domain/submit.ts';
import { withdrawRequest } from '../domain/withdraw.ts';
import type { Answer, Endpoints } from './endpoint.ts';

const SHA256_PATTERN = /^[0-9a-f]{64}$/;

/** 202 and Retry-After while the request waits, as EST does it too (RFC 7030, section 4.2.3). */
function submitted(request: Result<SubmittedRequest>): Result<Answer> {
  if (!request.ok) return request;
  const { retryAfterSeconds, ...body } = request.value;
  return success(retryAfterSeconds === undefined ? { body } : { status: 202, headers: { 'retry-after': String(retryAfterSeconds) }, body });
}

export function addApplicantEndpoints(endpoints: Endpoints, context: Context): void {
  endpoints.forAnybody({
    method: 'GET',
    url: API.authority,
    handle: async () => {
      const { authority } = context;
      return success({ body: { name: authority.name, caCertificate: rootOf(authority), issuers: allIssuers(context) } });
    },
  });
  endpoints.forAnybody({
    method: 'POST',
    url: API.requests,
    body: submitBody,
    isSubmission: true,
    takesSecret: true,
    invitationCodeIn: ({ invitationCode }) => invitationCode,
    handle: async ({ body, actor }) => submitted(await submitRequest(context, { ...body, actor })),
  });
  endpoints.forAnybody({
    method: 'GET',
    url: API.request(':id'),
    handle: async ({ path: { id = '' } }) => (requestIdPattern.test(id) ? submitted(await requestOfApplicant(context, id)) : failed({ kind: 'request-unknown' })),
  });
  endpoints.forAnybody({
    method: 'GET',
    url: API.requestForKey(':sha256'),
    handle: async ({ path: { sha256 = '' } }) => (SHA256_PATTERN.test(sha256) ? submitted(await requestForKey(context, sha256)) : failed({ kind: 'request-unknown' })),
  });
  endpoints.forAnybody({
    method: 'POST',
    url: API.invitationLookup,
    body: invitationCodeBody,
    takesSecret: true,
    invitationCodeIn: ({ code }) => code,
    handle: async ({ body }) => {
      const invitation = await lookUpInvitation(context, body.code);
      return invitation.ok ? success({ body: invitation.value }) : invitation;
    },
  });
  endpoints.forAnybody({
    method: 'POST',
    url: API.withdraw(':id'),
    handle: async ({ path: { id = '' }, actor }) => (requestIdPattern.test(id) ? submitted(await withdrawRequest(context, id, actor)) : failed({ kind: 'request-unknown' })),
  });
  endpoints.forAnybody({
    method: 'POST',
    url: API.renewal,
    body: signInBody,
    takesSecret: true,
    handle: async ({ body, actor }) => {
      const code = await proveRenewal(context, body, actor);
      return code.ok ? success({ body: code.value }) : code;
    },
  });
}
