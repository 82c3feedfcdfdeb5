/** Signing in, and what officers may do then, each from the role on that it needs. */
import { z } from 'zod';
import { API, certificateQuery, decisionsBody, inviteBody, MAX_DECISIONS_BYTES, pageQuery, queueQuery, requestIdPattern, roleBody, signInBody } from '../../core/authority-api.ts';
import type { Failure } from '../../core/failures.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { listCertificates } from '../domain/certificate-view.ts';
import type { Context } from '../domain/context.ts';
import { decide, listQueue, queueEntry } from '../domain/decide.ts';
import { endInvitation, invite, listInvitations } from '../domain/invitations.ts';
import { newChallenge } from '../domain/key-proof.ts';
import { listOfficers, setRole } from '../domain/officers.ts';
import { signIn, signOut } from '../domain/sign-in.ts';
import type { Answer, Endpoints, Input } from './endpoint.ts';

/** What the background work notes of its last look at the whole log. */
const verifiedSetting = z.object({ at: z.iso.datetime(), isWhole: z.boolean(), events: z.number().int() });
const SERIAL_NUMBER = /^[0-9a-f]{2,40}$/;

/** What a handler found, as the body of its answer. */
function answered(result: Result<unknown>): Result<Answer> {
  return result.ok ? success({ body: result.value }) : result;
}

/** A part of the path that has to look like this; fails with `unknown` where it cannot be one. */
function partOf(input: Input<unknown>, name: string, pattern: RegExp, unknown: Failure): Result<string> {
  const part = input.path[name] ?? '';
  return pattern.test(part) ? success(part) : failed(unknown);
}

/** Fails with request-malformed. */
function queryOf<T>(input: Input<unknown>, parser: z.ZodType<T>): Result<T> {
  const parsed = parser.safeParse(input.query);
  if (parsed.success) return success(parsed.data);
  return failed({ kind: 'request-malformed', detail: `query: ${parsed.error.issues[0]?.path.join('.') ?? ''}`.slice(0, 200) });
}

/** The store compares in lower case. */
function searched<Q extends { readonly search?: string | undefined }>(query: Q): Q {
  const search = query.search?.trim().toLowerCase();
  return { ...query, search: search === '' ? undefined : search };
}

function addSignIn(endpoints: Endpoints, context: Context): void {
  endpoints.forAnybody({ method: 'POST', url: API.signInChallenge, handle: async () => success({ body: await newChallenge(context) }) });
  endpoints.forAnybody({ method: 'POST', url: API.signIn, body: signInBody, takesSecret: true, handle: async ({ body, actor }) => answered(await signIn(context, body, actor)) });
  endpoints.forAnybody({
    method: 'DELETE',
    url: API.session,
    handle: async ({ token }) => {
      await signOut(context, token);
      return success({});
    },
  });
}

function addQueue(endpoints: Endpoints, context: Context): void {
  endpoints.forRole('auditor', {
    method: 'GET',
    url: API.queue,
    handle: async (input, officer) => {
      const query = queryOf(input, queueQuery);
      return query.ok ? success({ body: await listQueue(context, searched(query.value), officer) }) : query;
    },
  });
  endpoints.forRole('auditor', {
    method: 'GET',
    url: API.queueEntry(':id'),
    handle: async (input, officer) => {
      const id = partOf(input, 'id', requestIdPattern, { kind: 'request-unknown' });
      return id.ok ? answered(await queueEntry(context, id.value, officer)) : id;
    },
  });
  endpoints.forRole('approver', {
    method: 'POST',
    url: API.decisions,
    body: decisionsBody,
    bodyLimitBytes: MAX_DECISIONS_BYTES,
    handle: async ({ body, actor }, officer) => success({ body: { outcomes: await decide(context, body.statements, officer, actor) } }),
  });
  endpoints.forRole('auditor', {
    method: 'GET',
    url: API.certificates,
    handle: async (input) => {
      const query = queryOf(input, certificateQuery);
      return query.ok ? success({ body: await listCertificates(context, searched(query.value)) }) : query;
    },
  });
}

function addInvitations(endpoints: Endpoints, context: Context): void {
  endpoints.forRole('auditor', {
    method: 'GET',
    url: API.invitations,
    handle: async (input) => {
      const query = queryOf(input, pageQuery);
      return query.ok ? success({ body: await listInvitations(context, searched(query.value)) }) : query;
    },
  });
  endpoints.forRole('approver', { method: 'POST', url: API.invitations, body: inviteBody, handle: async ({ body, actor }, officer) => answered(await invite(context, body, officer, actor)) });
  endpoints.forRole('approver', {
    method: 'DELETE',
    url: API.invitation(':id'),
    handle: async (input, officer) => {
      const id = partOf(input, 'id', requestIdPattern, { kind: 'invitation-unknown' });
      return id.ok ? answered(await endInvitation(context, id.value, officer, input.actor)) : id;
    },
  });
  endpoints.forRole('auditor', {
    method: 'GET',
    url: API.profiles,
    handle: async () => {
      const { profiles, defaultProfile } = context.policy;
      const named = [...profiles.values()].toSorted((a, b) => Number(b.name === defaultProfile) - Number(a.name === defaultProfile));
      return success({ body: { profiles: named.map(({ name, kind, mayBeAutomatic }) => ({ name, kind, mayBeAutomatic })) } });
    },
  });
}

function addOfficers(endpoints: Endpoints, context: Context): void {
  endpoints.forRole('auditor', { method: 'GET', url: API.officers, handle: async () => success({ body: { officers: await listOfficers(context) } }) });
  endpoints.forRole('owner', {
    method: 'POST',
    url: API.role(':serialNumber'),
    body: roleBody,
    handle: async (input) => {
      const serialNumber = partOf(input, 'serialNumber', SERIAL_NUMBER, { kind: 'certificate-unknown' });
      return serialNumber.ok ? answered(await setRole(context, serialNumber.value, input.body.role, input.actor)) : serialNumber;
    },
  });
}

function addAudit(endpoints: Endpoints, context: Context): void {
  endpoints.forRole('auditor', {
    method: 'GET',
    url: API.audit,
    handle: async (input) => {
      const query = queryOf(input, pageQuery);
      if (!query.ok) return query;
      return context.store.read(async (rows) => {
        const { rows: events, next } = await rows.auditEvents(searched(query.value));
        const verified = await rows.setting('audit-verified');
        return success({ body: { events, next, verified: verified === undefined ? null : verifiedSetting.parse(JSON.parse(verified)) } });
      });
    },
  });
}

/** Adds the endpoints of signing in, the queue, certificates, invitations, officers, profiles and the audit log. */
export function addApproverEndpoints(endpoints: Endpoints, context: Context): void {
  addSignIn(endpoints, context);
  addQueue(endpoints, context);
  addInvitations(endpoints, context);
  addOfficers(endpoints, context);
  addAudit(endpoints, context);
}
