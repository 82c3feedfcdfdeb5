/** Signing in, and what approvers may do then. */
import { API, denyBody, requestIdPattern, signInBody } from '../../core/authority-api.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { Context } from '../domain/context.ts';
import { approve, deny, listQueue, queueEntry } from '../domain/decide.ts';
import { newChallenge, signIn, signOut } from '../domain/sign-in.ts';
import type { Answer, Endpoints, Input } from './endpoint.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

function entry(request: Result<CertificateRequest>): Result<Answer> {
  return request.ok ? success({ body: request.value }) : request;
}

/** The request's id from the path. Fails with request-unknown for what cannot be one. */
function requestId(input: Input<unknown>): Result<string> {
  const { id = '' } = input.path;
  return requestIdPattern.test(id) ? success(id) : failed({ kind: 'request-unknown' });
}

function limitOf(query: Readonly<Record<string, unknown>>): number {
  const limit = Number(query['limit'] ?? DEFAULT_LIMIT);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, MAX_LIMIT) : DEFAULT_LIMIT;
}

function addSignIn(endpoints: Endpoints, context: Context): void {
  endpoints.forAnybody({ method: 'POST', url: API.signInChallenge, handle: async () => success({ body: await newChallenge(context) }) });
  endpoints.forAnybody({
    method: 'POST',
    url: API.signIn,
    body: signInBody,
    takesSecret: true,
    handle: async ({ body }) => {
      const session = await signIn(context, body);
      return session.ok ? success({ body: session.value }) : session;
    },
  });
  endpoints.forAnybody({
    method: 'DELETE',
    url: API.session,
    handle: async ({ token }) => {
      await signOut(context, token);
      return success({});
    },
  });
}

export function addApproverEndpoints(endpoints: Endpoints, context: Context): void {
  addSignIn(endpoints, context);
  endpoints.forApprovers({
    method: 'GET',
    url: API.queue,
    handle: async ({ query }) => success({ body: { requests: await listQueue(context, limitOf(query)) } }),
  });
  endpoints.forApprovers({
    method: 'GET',
    url: API.queueEntry(':id'),
    handle: async (input) => {
      const id = requestId(input);
      return id.ok ? entry(await queueEntry(context, id.value)) : id;
    },
  });
  endpoints.forApprovers({
    method: 'POST',
    url: API.approve(':id'),
    handle: async (input, approver) => {
      const id = requestId(input);
      return id.ok ? entry(await approve(context, id.value, approver)) : id;
    },
  });
  endpoints.forApprovers({
    method: 'POST',
    url: API.deny(':id'),
    body: denyBody,
    handle: async (input, approver) => {
      const id = requestId(input);
      return id.ok ? entry(await deny(context, id.value, approver, input.body.reason)) : id;
    },
  });
}
